namespace IdServer.Recovery;

/// <summary>What a forgotten password needs.</summary>
public static class RecoveryServices
{
    public static IServiceCollection AddIdServerRecovery(this IServiceCollection services)
    {
        services.AddSingleton<RecoveryRequests>();
        services.AddSingleton<PasswordRecovery>();
        services.AddSingleton<PendingReset>();
        services.AddSingleton<AccountReview>();
        services.AddHostedService<RecoveryMails>();
        return services;
    }
}
