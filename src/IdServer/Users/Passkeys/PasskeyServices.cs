namespace IdServer.Users.Passkeys;

/// <summary>What passkeys are made of: the framework's handler for the two ceremonies of WebAuthn, and around it ours.</summary>
internal static class PasskeyServices
{
    public static void AddIdServerPasskeys(this IServiceCollection services)
    {
        services.AddSingleton<RelyingParty>();
        services.AddScoped<WebAuthn>();
        services.AddScoped<PasskeyTable>();
        services.AddScoped<PasskeyCreation>();
        services.AddSingleton<Ceremonies>();
        services.AddSingleton<PasskeySignIn>();
        services.AddSingleton<AccountPasskeys>();
        services.AddSingleton<PasskeyRegistration>();
    }
}
