using System.Globalization;
using System.Net;
using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests.Manage;
using IdServer.Tests.Users.Passkeys;
using IdServer.Upstream;
using IdServer.Users;
using IdServer.Users.Passkeys;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Mail;

/// <summary>What happens to an account reaches its owner: what was done, in words of theirs, in the text and in the HTML of a mail that came over the wire.</summary>
public sealed class NoticeTests : IAsyncLifetime
{
    private const string Name = "carla";
    private const string Address = "carla@example.com";

    private readonly SmtpListener listener = new();
    private RunningServer server = null!;
    private Guid userId;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?>(listener.Settings) { ["IdServer:ProductName"] = "Taller & Cía" }, Host = "localhost" });

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Theory]
    [InlineData("es-ES", "La verificación en dos pasos ha cambiado", "Qué|Se ha añadido una aplicación de autenticación", "Qué|Se han creado códigos de recuperación nuevos; los anteriores ya no sirven", "Qué|Se ha usado un código de recuperación", "Qué|Se ha quitado la aplicación de autenticación", "revisa el segundo paso")]
    [InlineData("en-GB", "Two-step sign-in has been changed", "What|An authenticator app was added", "What|New recovery codes were created; the old ones no longer work", "What|A recovery code was used", "What|The authenticator app was removed", "look at the second step")]
    public async Task The_second_factor(string locale, string subject, string added, string renewed, string used, string removed, string advice)
    {
        await AddPersonAsync(locale);
        var (factors, secret) = (Get<IdServer.Users.SecondFactors>(), TimeBasedCode.NewSecret());

        Assert.NotNull(await factors.AddAppAsync(userId, secret, TimeBasedCode.Of(secret, TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow())), IPAddress.Loopback, Ct));
        await AssertToldAsync(subject, added, advice);
        var codes = await factors.RenewCodesAsync(userId, IPAddress.Loopback, Ct);
        await AssertToldAsync(subject, renewed, advice);
        Assert.True((await factors.VerifyAsync(userId, codes[0], isRecoveryCode: true, IPAddress.Loopback, null, Ct)).IsRight);
        await AssertToldAsync(subject, used, advice);
        await factors.RemoveAppAsync(userId, here: null, IPAddress.Loopback, Ct);
        await AssertToldAsync(subject, removed, advice);
    }

    [Theory]
    [InlineData("es-ES", "Tus llaves de acceso han cambiado", "Qué|Se ha añadido una llave de acceso", "Qué|Una llave de acceso tiene otro nombre", "Qué|Se ha quitado una llave de acceso", "revisa las llaves de acceso")]
    [InlineData("en-GB", "Your passkeys have been changed", "What|A passkey was added", "What|A passkey got another name", "What|A passkey was removed", "look at the passkeys")]
    public async Task A_passkey(string locale, string subject, string added, string renamed, string removed, string advice)
    {
        await AddPersonAsync(locale);
        using var browser = new PasskeyBrowser(server);
        await browser.Browser.SignInAsync(Name);

        await browser.AddAsync(new SoftPasskey(server.Origin));
        await AssertToldAsync(subject, added, advice);
        var passkey = Assert.Single(await Get<AccountPasskeys>().ListAsync(userId, Ct));
        await Get<AccountPasskeys>().RenameAsync(userId.ToString(), passkey.Id, "<b>Phone</b>", Ct);
        await AssertToldAsync(subject, renamed, advice);
        Assert.Null(await Get<AccountPasskeys>().RemoveAsync(userId.ToString(), passkey.Id, IPAddress.Loopback, Ct));
        await AssertToldAsync(subject, removed, advice);
    }

    [Theory]
    [InlineData("es-ES", "Se ha añadido otra forma de entrar", "Se ha quitado una forma de entrar", "Cuenta|Atelier & Söhne", "cambia ahora la contraseña")]
    [InlineData("en-GB", "Another way to sign in was added", "A way to sign in was removed", "Account|Atelier & Söhne", "change your password now")]
    public async Task A_login_at_another_provider(string locale, string linked, string unlinked, string fact, string advice)
    {
        await server.DisposeAsync();
        server = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?>(listener.Settings)
            {
                ["IdServer:ProductName"] = "Taller & Cía",
                ["IdServer:UpstreamProviders:Atelier:DisplayName"] = "Atelier & Söhne",
                ["IdServer:UpstreamProviders:Atelier:Authority"] = "https://atelier.example",
                ["IdServer:UpstreamProviders:Atelier:ClientId"] = "us",
                ["IdServer:UpstreamProviders:Atelier:ClientSecret"] = "a secret of ours",
            },
        });
        await AddPersonAsync(locale);
        var provider = Assert.Single(Get<UpstreamProviders>().All);

        Assert.True(await Get<UpstreamAccounts>().LinkOwnAsync(provider, "carla-there", userId.ToString(), IPAddress.Loopback, Ct));
        await AssertToldAsync(linked, fact, advice);
        Assert.True(await Get<UpstreamAccounts>().UnlinkAsync(userId.ToString(), provider.Issuer, "carla-there", IPAddress.Loopback, Ct));
        await AssertToldAsync(unlinked, fact, advice);
    }

    [Theory]
    [InlineData("es-ES", "Nuevo acceso a tu cuenta", "Dispositivo|Firefox, Linux", "Desde|127.0.0.1", "cierra esa sesión")]
    [InlineData("en-GB", "New sign-in to your account", "Device|Firefox, Linux", "From|127.0.0.1", "end that session")]
    public async Task A_new_device(string locale, string subject, string device, string place, string advice)
    {
        await AddPersonAsync(locale);
        foreach (var agent in new[] { "Mozilla/5.0 (Windows NT 10.0) Safari/1 Chrome/1", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0 <script>alert(1)</script>\tBcc: eve@example.com" }) // of the first one nobody is told
        {
            using var browser = new AccountBrowser(server);
            browser.Browser.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
            Assert.Equal(303, (await browser.PostAsync("account/login", ("username", Name), ("password", Declared.Password), ("login-submit", "yes"))).Status);
        }

        var mail = await AssertToldAsync(subject, device, advice);
        AssertFact(mail, place);
        Assert.DoesNotContain("alert", mail.Raw, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("es-ES", "Tu contraseña ha cambiado", "Se ha cerrado la sesión en todos los demás dispositivos", "Tu dirección de correo ha cambiado", "Dirección nueva|\"o'hara+<1>\"@new.example", "avisa a quienes administran", "Tu cuenta se va a eliminar", "solo tienes que entrar antes")]
    [InlineData("en-GB", "Your password has been changed", "All other devices have been signed out", "Your e-mail address has been changed", "New address|\"o'hara+<1>\"@new.example", "tell those who run", "Your account will be deleted", "just sign in before then")]
    public async Task Password_address_and_deletion(string locale, string password, string signedOut, string address, string newAddress, string alarm, string deletion, string keep)
    {
        await AddPersonAsync(locale);
        var when = locale.StartsWith("es", StringComparison.Ordinal) ? "Cuándo" : "When";

        Assert.NotNull((await Get<OwnAccount>().ChangePasswordAsync(userId, Name, "lantern, violet and gravel", Ct)).Subject);
        AssertFact(await AssertToldAsync(password, null, signedOut), when);

        var at = await Get<AccountDeletion>().ScheduleAsync(userId, IPAddress.Loopback, Ct);
        var mail = await AssertToldAsync(deletion, null, keep);
        Assert.Contains(at.ToString("D", CultureInfo.GetCultureInfo(locale)), mail.Text, StringComparison.Ordinal);

        const string wanted = "\"o'hara+<1>\"@new.example"; // as hostile as an address can be
        Assert.True(UserRules.IsEmail(wanted));
        var token = await Get<OneTimeTokens>().FindAsync(await Get<OneTimeTokens>().IssueAsync("address", userId, wanted, TimeSpan.FromHours(1), Ct), "address", Ct);
        Assert.True(await Get<AddressChange>().ConfirmAsync(token!, IPAddress.Loopback, Ct));
        await AssertToldAsync(address, newAddress, alarm); // to the old one
    }

    private T Get<T>()
        where T : notnull => server.Provider.GetRequiredService<T>();

    private async Task AddPersonAsync(string locale)
    {
        var made = await Get<Accounts>().AddAsync(new() { Username = Name, Email = Address, EmailVerified = true, Password = Declared.Password, Locale = locale }, Ct);
        Assert.Empty(made.Faults);
        userId = Guid.Parse(made.Subject!);
    }

    /// <param name="fact">Name and value, where there is one besides the time.</param>
    private async Task<ReceivedMail> AssertToldAsync(string subject, string? fact, string advice)
    {
        var mail = await listener.TakeAsync(Address, subject, Ct);
        Assert.Equal(subject, mail.Subject);
        Assert.StartsWith(subject + "\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains($"<h1>{subject}</h1>", mail.Html, StringComparison.Ordinal);
        Assert.Contains("Taller & Cía", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Taller &amp; Cía", mail.Html, StringComparison.Ordinal);
        Assert.Contains(advice, mail.Text, StringComparison.Ordinal);
        Assert.Contains(advice, mail.Html, StringComparison.Ordinal);
        Assert.Empty(mail.Links); // a notice asks for no click
        if (fact is not null)
        {
            AssertFact(mail, fact);
        }

        return mail;
    }

    /// <param name="fact">Its name, and its value where it is known.</param>
    private static void AssertFact(ReceivedMail mail, string fact)
    {
        var (name, value) = fact.Split('|') is [var both, var known] ? (both, known) : (fact, "");
        Assert.True(mail.Text.Contains($"\n{name}: {value}", StringComparison.Ordinal), mail.Text);
        Assert.Contains($"<tr><th scope=\"row\">{name}</th><td>{Encoded(value)}", mail.Html, StringComparison.Ordinal);
    }

    // As the mail's writer does, who leaves letters of every language as they are.
    private static string Encoded(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal).Replace("'", "&#x27;", StringComparison.Ordinal).Replace("+", "&#x2B;", StringComparison.Ordinal);
}
