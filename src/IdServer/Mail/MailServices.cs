namespace IdServer.Mail;

/// <summary>What mail is made of.</summary>
public static class MailServices
{
    public static IServiceCollection AddIdServerMail(this IServiceCollection services)
    {
        services.AddSingleton<MailWriter>();
        services.AddSingleton<SmtpSender>();
        services.AddSingleton<MailDelivery>();
        services.AddHostedService(provider => provider.GetRequiredService<MailDelivery>());
        services.AddSingleton<Mailer>();
        services.AddSingleton<MailLinks>();
        services.AddSingleton<AccountNotices>();
        return services;
    }
}
