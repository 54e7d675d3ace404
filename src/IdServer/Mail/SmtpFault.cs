using System.Globalization;
using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;

namespace IdServer.Mail;

/// <summary>Why a mail was not taken, in words for the operator: never what the server said, which may repeat an address, or what the mail says.</summary>
/// <param name="IsRefusal">The server will say the same again: it does not know the recipient, or does not want the mail.</param>
public sealed record SmtpFault(string Sentence, bool IsRefusal = false)
{
    internal static SmtpFault TooSlow(TimeSpan patience) => new(string.Create(CultureInfo.InvariantCulture, $"the mail server took longer than {patience.TotalSeconds:0} seconds"));

    internal static SmtpFault Of(Exception exception) => exception switch
    {
        _ when Find<AuthenticationException>(exception) is not null => new("TLS with the mail server failed: its certificate is not trusted, or not for this host"),
        _ when Find<SocketException>(exception) is { } socket => new($"the mail server cannot be reached ({socket.SocketErrorCode})"),
        SmtpFailedRecipientException refused => new(Answered(refused.StatusCode, "refused the recipient"), (int)refused.StatusCode is >= 500 and < 600),
        SmtpException { StatusCode: SmtpStatusCode.MustIssueStartTlsFirst or SmtpStatusCode.ClientNotPermitted or (SmtpStatusCode)535 } e => new(Answered(e.StatusCode, "refused Username and Password, or wants them")),
        SmtpException { StatusCode: SmtpStatusCode.GeneralFailure } when exception.InnerException is null => new("the mail server does not offer STARTTLS, or broke off"),
        SmtpException { StatusCode: SmtpStatusCode.GeneralFailure } => new("the conversation with the mail server broke off"),
        SmtpException e => new(Answered(e.StatusCode, "did not take the mail")),
        _ => new($"the mail could not be written ({exception.GetType().Name})", IsRefusal: true),
    };

    private static string Answered(SmtpStatusCode status, string what) => string.Create(CultureInfo.InvariantCulture, $"the mail server {what} ({(int)status})");

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
        {
            exception = exception.InnerException;
        }

        return (T?)exception;
    }
}
