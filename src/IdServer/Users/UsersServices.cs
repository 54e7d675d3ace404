using IdServer.Configuration;
using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IdServer.Users;

/// <summary>What accounts are made of: ASP.NET Core Identity on the server's database, sign-in behind the brake, declared users.</summary>
public static class UsersServices
{
    public static IServiceCollection AddIdServerUsers(this IServiceCollection services, ServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.AddIdentityCore<User>(options => options.User.AllowedUserNameCharacters = "") // UserRules says it, in words for people
            .AddRoles<Role>();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = settings.Passwords.Iterations);
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        services.AddSingleton(settings.Passwords);
        services.AddSingleton(settings.RateLimits);
        services.AddSingleton<HashingLane>();
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<SignInBrake>();
        services.AddSingleton<CodeBrake>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<NewAuthenticator>();
        services.AddSingleton<UserCodeBrake>();
        services.TryAddSingleton<IPasswordVerifier, PasswordSignIn>(); // a test may have its own
        services.AddSingleton<Accounts>();
        services.AddSingleton<Registrations>();
        services.AddSingleton<AddressOwners>();
        services.AddSingleton<OwnAccount>();
        services.AddSingleton<AddressChange>();
        services.AddSingleton<AccountDeletion>();
        services.AddScoped<UserTable>();
        services.AddSingleton<DeclaredState>();
        services.AddSingleton<UsersRoute>();
        services.AddScoped<WaysIn>();
        services.AddIdServerPasskeys();
        return services;
    }
}
