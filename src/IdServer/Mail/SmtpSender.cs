using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using IdServer.Configuration;
using IdServer.Data.Mail;

namespace IdServer.Mail;

/// <summary>Hands a mail over to the configured server (RFC 5321, RFC 6409), with TLS by STARTTLS (RFC 3207).</summary>
public sealed class SmtpSender(ServerSettings settings, TimeProvider time)
{
    /// <summary>For the whole conversation.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>Null when the server has taken it; else what went wrong.</returns>
    public async Task<SmtpFault?> SendAsync(Guid id, MailContent content, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(content);
        var server = settings.Mail ?? throw new InvalidOperationException("Without a mail server nothing is sent.");
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            using var message = Compose(server, id, content);
            using var client = new SmtpClient(server.Host, server.Port)
            {
                EnableSsl = server.StartTls,
                UseDefaultCredentials = false,
                Credentials = server.Username is null ? null : new NetworkCredential(server.Username, server.Password),
                DeliveryFormat = SmtpDeliveryFormat.International,
            };
            await client.SendMailAsync(message, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return SmtpFault.TooSlow(Patience);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return SmtpFault.Of(e);
        }
    }

    private System.Net.Mail.MailMessage Compose(MailSettings server, Guid id, MailContent content)
    {
        var host = new Uri(settings.Protocol.Issuer).IdnHost;
        var message = new System.Net.Mail.MailMessage
        {
            From = new MailAddress(server.From, server.FromName, Encoding.UTF8),
            Subject = content.Subject,
            SubjectEncoding = Encoding.UTF8,
            Body = Lines(content.Text),
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
        };
        var recipient = new MailAddress(content.To);
        message.To.Add(recipient.Address == content.To ? recipient : throw new FormatException("More than an address.")); // of several it would take the last
        message.AlternateViews.Add(new AlternateView(new MemoryStream(Encoding.UTF8.GetBytes(Lines(content.Html))), new ContentType("text/html; charset=utf-8")) { TransferEncoding = TransferEncoding.QuotedPrintable });
        message.Headers.Add("Date", time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture));
        message.Headers.Add("Message-ID", $"<{id:N}@{host}>"); // the same at every attempt, so that one that was taken twice is shown once
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834 §5: no vacation notice comes back
        message.Headers.Add("List-Id", $"<accounts.{host}>"); // RFC 2919: for the recipient's filters
        return message;

        static string Lines(string text) => text.ReplaceLineEndings("\r\n"); // RFC 2046 §4.1.1
    }
}
