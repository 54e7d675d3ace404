using System.Security.Cryptography;
using System.Text;
using IdServer.Configuration;
using Microsoft.Net.Http.Headers;

namespace IdServer.Branding;

/// <summary>What of the pages' looks follows from the configuration: a small stylesheet and the mark, both from our own origin, so that the content security policy stays as strict as it is.</summary>
internal sealed class Brand
{
    private static readonly Dictionary<string, string> MediaTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".webp"] = "image/webp",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
    };

    private readonly Picture? style;
    private readonly Picture? logo;

    public Brand(ServerSettings settings, IWebHostEnvironment environment)
    {
        var palette = settings.Branding.Accent is { } accent ? Palette.Of(Colour.Of(accent)) : null;
        style = palette is null ? null : new Picture("text/css; charset=utf-8", Encoding.UTF8.GetBytes(StyleOf(palette)));
        if (settings.Branding.Logo is { } file)
        {
            logo = new Picture(MediaTypeOf(file)!, File.ReadAllBytes(file));
        }
        else if (palette is not null)
        {
            // Our own mark in the colours of the cover.
            var mark = File.ReadAllText(Path.Combine(environment.WebRootPath, "img", "mark.svg"));
            logo = new Picture(MediaTypes[".svg"], Encoding.UTF8.GetBytes(mark.Replace("#7fd8c2", palette.CoverLine.ToString(), StringComparison.Ordinal).Replace("#0c2b2a", palette.Cover.ToString(), StringComparison.Ordinal)));
        }
    }

    /// <summary>Below the root of the server; null when the pages have their own colours.</summary>
    public string? StyleAddress => style is null ? null : $"~/css/brand.css?v={style.Version}";

    /// <summary>Likewise; null when the mark is the product's own.</summary>
    public string? LogoAddress => logo is null ? null : $"~/img/brand?v={logo.Version}";

    /// <returns>Null when this is no picture that browsers show.</returns>
    public static string? MediaTypeOf(string file) => MediaTypes.GetValueOrDefault(Path.GetExtension(file));

    public void MapTo(IEndpointRouteBuilder endpoints)
    {
        if (style is not null)
        {
            endpoints.MapGet("/css/brand.css", context => AnswerAsync(context, style));
        }

        if (logo is not null)
        {
            endpoints.MapGet("/img/brand", context => AnswerAsync(context, logo));
        }
    }

    private static Task AnswerAsync(HttpContext context, Picture picture)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "public, max-age=300"; // as with the files beside them
        headers.ETag = picture.ETag;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"; // an SVG that is opened by itself is a document, and not ours
        if (EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var known) && known.Any(t => t.Tag == picture.ETag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.ContentType = picture.MediaType;
        context.Response.ContentLength = picture.Body.Length;
        return context.Response.Body.WriteAsync(picture.Body, context.RequestAborted).AsTask();
    }

    private static string StyleOf(Palette palette) =>
        $$"""
        :root {
          --cover: {{palette.Cover}};
          --cover-ink: {{Colour.White.Mixed(palette.Cover, 4)}};
          --cover-quiet: {{Colour.White.Mixed(palette.Cover, 30)}};
          --cover-mint: {{palette.CoverLine}};
        {{Of(palette.Light)}}}

        @media (prefers-color-scheme: dark) {
          :root {
            --cover: {{palette.Cover.Mixed(Colour.Black, 15)}};
        {{Of(palette.Dark)}}  }
        }

        """;

    private static string Of(Shades shades) => $"  --accent: {shades.Accent};\n  --accent-strong: {shades.Strong};\n  --on-accent: {shades.OnAccent};\n  --wash: {shades.Wash};\n";

    private sealed class Picture(string mediaType, byte[] body)
    {
        public string MediaType => mediaType;

        public byte[] Body => body;

        public string Version { get; } = Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8));

        public string ETag => $"\"{Version}\"";
    }
}
