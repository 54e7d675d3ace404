using IdServer.Data.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace IdServer.Users.Passkeys;

/// <summary>The framework's handler for the two ceremonies of WebAuthn, as this server wants it. Made here, since to register its types would load them at every start.</summary>
internal sealed class WebAuthn(UserManager<User> users, RelyingParty server)
{
    private const string Required = "required";

    public IPasskeyHandler<User> Handler => field ??= new PasskeyHandler<User>(users, Options.Create(new IdentityPasskeyOptions
    {
        ServerDomain = server.Id, // else it would follow the Host header
        ValidateOrigin = context => ValueTask.FromResult(context.Origin == server.Origin && !context.CrossOrigin && context.TopOrigin is null),
        UserVerificationRequirement = Required,
        ResidentKeyRequirement = Required, // nobody is asked for a user name first
        AttestationConveyancePreference = "none",
        AuthenticatorTimeout = Ceremonies.Lifetime,
    }));
}
