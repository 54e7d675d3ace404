using IdServer.Data.Users;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users.Passkeys;

/// <summary>What passkeys are made of: the framework's handler for the two ceremonies of WebAuthn, and around it ours.</summary>
internal static class PasskeyServices
{
    private const string Required = "required";

    public static void AddIdServerPasskeys(this IServiceCollection services)
    {
        services.AddSingleton<RelyingParty>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<RelyingParty>((options, server) =>
        {
            options.ServerDomain = server.Id; // else it would follow the Host header
            options.ValidateOrigin = context => ValueTask.FromResult(context.Origin == server.Origin && !context.CrossOrigin && context.TopOrigin is null);
            options.UserVerificationRequirement = Required;
            options.ResidentKeyRequirement = Required; // nobody is asked for a user name first
            options.AttestationConveyancePreference = "none";
            options.AuthenticatorTimeout = Ceremonies.Lifetime;
        });
        services.AddScoped<IPasskeyHandler<User>, PasskeyHandler<User>>();
        services.AddScoped<PasskeyTable>();
        services.AddScoped<PasskeyCreation>();
        services.AddSingleton<Ceremonies>();
        services.AddSingleton<PasskeySignIn>();
        services.AddSingleton<AccountPasskeys>();
        services.AddSingleton<PasskeyRegistration>();
    }
}
