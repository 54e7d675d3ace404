using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>What <see cref="ResourceServerOptions"/> must satisfy: one sentence per fault, saying what to write instead.</summary>
internal sealed class ResourceServerOptionsRules : IValidateOptions<ResourceServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ResourceServerOptions options)
    {
        string[] faults = [.. Check(options)];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>RFC 8414 §2, RFC 7662 §4: nothing that decides about trust travels in clear, except to this very machine.</summary>
    internal static bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    private static IEnumerable<string> Check(ResourceServerOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Issuer))
        {
            yield return "Issuer is missing: write the address of the authorization server, as it stands in its discovery document.";
        }
        else if (!Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer) || issuer.Query.Length > 0 || issuer.Fragment.Length > 0 || options.Issuer.EndsWith('/'))
        {
            yield return $"Issuer is \"{options.Issuer}\": write an absolute address without query, fragment or trailing slash, such as https://id.example.com.";
        }
        else if (!IsSafe(issuer))
        {
            yield return $"Issuer is \"{options.Issuer}\": write an https address; plain http is accepted only for a loopback host.";
        }

        if (string.IsNullOrWhiteSpace(options.Audience))
        {
            yield return "Audience is missing: write the identifier under which this API is declared at the authorization server.";
        }

        if (options.Validation != TokenValidation.Local && (string.IsNullOrEmpty(options.Introspection?.ClientId) || string.IsNullOrEmpty(options.Introspection.ClientSecret)))
        {
            yield return $"Introspection is incomplete although Validation is {options.Validation}: write ClientId and ClientSecret of this API's own client, or set Validation to Local.";
        }

        if (options.IntrospectionCache < TimeSpan.Zero || options.IntrospectionCache > TimeSpan.FromMinutes(1))
        {
            yield return $"IntrospectionCache is {options.IntrospectionCache}: write a time between 00:00:00 (ask every time) and 00:01:00.";
        }

        if (options.MaximumRevocations < 1)
        {
            yield return $"MaximumRevocations is {options.MaximumRevocations}: write how many revocations may be remembered, such as 1000000.";
        }

        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > TimeSpan.FromMinutes(5))
        {
            yield return $"ClockSkew is {options.ClockSkew}: write a time between 00:00:00 and 00:05:00.";
        }

        if (options.DPoPNonceSecret is { Length: < 32 })
        {
            yield return "DPoPNonceSecret is shorter than 32 characters: write a random one, the same on every node of this API, or leave it out.";
        }

        if (options.PublicUrl is { } address && (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Query.Length > 0 || url.Fragment.Length > 0 || address.EndsWith('/')))
        {
            yield return $"PublicUrl is \"{address}\": write the address callers reach this API at, without query, fragment or trailing slash, such as https://api.example.com.";
        }

        if (options.Validation == TokenValidation.Feed && options.BackchannelTimeout < TimeSpan.FromSeconds(1))
        {
            yield return $"BackchannelTimeout is {options.BackchannelTimeout}: the revocation feed needs 00:00:01 or more, because its answers wait for something new.";
        }
        else if (options.BackchannelTimeout <= TimeSpan.Zero || options.BackchannelTimeout > TimeSpan.FromMinutes(1))
        {
            yield return $"BackchannelTimeout is {options.BackchannelTimeout}: write a time above zero and up to 00:01:00.";
        }
    }
}
