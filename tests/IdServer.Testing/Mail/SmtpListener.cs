using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace IdServer.Testing.Mail;

/// <summary>A mail server on loopback (RFC 5321) that keeps what it gets. It can be stopped and started again on its port, refuse, fail and hang.</summary>
public sealed class SmtpListener : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedMail> received = new();
    private readonly HashSet<ReceivedMail> taken = [];
    private readonly ConcurrentDictionary<TcpClient, byte> clients = new();
    private readonly ConcurrentQueue<string> clear = new();
    private readonly X509Certificate2? certificate;
    private TcpListener? listener;
    private int connections;

    /// <param name="certificate">With one it offers STARTTLS (RFC 3207).</param>
    public SmtpListener(X509Certificate2? certificate = null)
    {
        this.certificate = certificate;
        Start();
    }

    public int Port { get; private set; }

    public SmtpMode Mode { get; set; }

    /// <summary>With these it demands authentication (AUTH LOGIN).</summary>
    public (string Username, string Password)? Credentials { get; set; }

    /// <summary>How often somebody connected.</summary>
    public int Connections => connections;

    /// <summary>Whether the last mail came by TLS.</summary>
    public bool UsedTls { get; private set; }

    /// <summary>The first words of what was said without TLS, in their order.</summary>
    public IReadOnlyList<string> SaidInTheClear => [.. clear];

    public IReadOnlyList<ReceivedMail> Received => [.. received];

    /// <summary>The settings of a server that sends its mail here.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["IdServer:Mail:Host"] = "127.0.0.1",
        ["IdServer:Mail:Port"] = Port.ToString(CultureInfo.InvariantCulture),
        ["IdServer:Mail:From"] = "no-reply@id.example",
    };

    /// <summary>Waits for the next mail to this address that nobody has taken yet, and takes it.</summary>
    /// <param name="subject">A part of it, where more than one may have come.</param>
    public async Task<ReceivedMail> TakeAsync(string to, string subject = "", CancellationToken ct = default)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(15))
        {
            lock (taken)
            {
                if (received.FirstOrDefault(m => m.Recipients.Contains(to, StringComparer.OrdinalIgnoreCase) && m.Subject.Contains(subject, StringComparison.Ordinal) && !taken.Contains(m)) is { } mail)
                {
                    taken.Add(mail);
                    return mail;
                }
            }

            await Task.Delay(10, ct); // polls with a bound
        }

        throw new TimeoutException($"No mail \"{subject}\" came to {to} within 15 seconds. There were: {string.Join(", ", received.Select(m => $"\"{m.Subject}\" to {string.Join(' ', m.Recipients)}"))}.");
    }

    /// <summary>Listens again, on the port it had.</summary>
    public void Start()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync(listener);
    }

    /// <summary>Nobody listens any more, and every conversation breaks off.</summary>
    public void Stop()
    {
        listener?.Stop();
        foreach (var client in clients.Keys)
        {
            client.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener accepting)
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await accepting.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return; // stopped
            }

            Interlocked.Increment(ref connections);
            _ = ConverseAsync(client);
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        clients.TryAdd(client, 0);
        try
        {
            await ConverseAsync(client.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            // The other side is gone, or this one was stopped.
        }
        finally
        {
            clients.TryRemove(client, out _);
            client.Dispose();
        }
    }

    private async Task ConverseAsync(Stream stream)
    {
        var lines = new Lines(stream);
        await lines.SayAsync(Mode == SmtpMode.Unavailable ? "421 try again later" : "220 listener.example");
        var (from, recipients, isKnown) = ("", new List<string>(), Credentials is null);
        while (await lines.HearAsync() is { } line)
        {
            if (Mode == SmtpMode.Hangs)
            {
                continue;
            }

            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (!lines.IsTls)
            {
                clear.Enqueue(verb);
            }

            switch (verb)
            {
                case "EHLO":
                    var offers = lines.IsTls || certificate is null ? "" : "250-STARTTLS\r\n";
                    await lines.SayAsync($"250-listener.example\r\n{offers}{(Credentials is null ? "" : "250-AUTH LOGIN\r\n")}250 8BITMIME");
                    break;

                case "STARTTLS" when certificate is not null:
                    await lines.SayAsync("220 go ahead");
                    await lines.StartTlsAsync(certificate);
                    break;

                case "AUTH":
                    var username = Word(line.Split(' ') is [_, _, var initial] ? initial : await AskAsync(lines, "VXNlcm5hbWU6"));
                    isKnown = Credentials is { } expected && username == expected.Username && Word(await AskAsync(lines, "UGFzc3dvcmQ6")) == expected.Password;
                    await lines.SayAsync(isKnown ? "235 welcome" : "535 who are you?");
                    break;

                case "MAIL":
                    (from, recipients) = (Bracketed(line), []);
                    await lines.SayAsync(isKnown ? "250 ok" : "530 authenticate first");
                    break;

                case "RCPT" when Mode == SmtpMode.RefusesRecipients:
                    await lines.SayAsync($"550 no such person: {Bracketed(line)}");
                    break;

                case "RCPT":
                    recipients.Add(Bracketed(line));
                    await lines.SayAsync("250 ok");
                    break;

                case "DATA" when Mode == SmtpMode.FailsForNow:
                    await lines.SayAsync("451 out of space");
                    break;

                case "DATA":
                    await lines.SayAsync("354 go on");
                    received.Enqueue(new ReceivedMail { From = from, Recipients = recipients, Raw = await lines.HearMailAsync() });
                    UsedTls = lines.IsTls;
                    await lines.SayAsync("250 taken");
                    break;

                case "QUIT":
                    await lines.SayAsync("221 bye");
                    return;

                case "RSET" or "NOOP":
                    await lines.SayAsync("250 ok");
                    break;

                default:
                    await lines.SayAsync("502 what?");
                    break;
            }
        }
    }

    private static async Task<string> AskAsync(Lines lines, string question)
    {
        await lines.SayAsync("334 " + question);
        return await lines.HearAsync() ?? "";
    }

    private static string Word(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private static string Bracketed(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.LastIndexOf('>')];

    private sealed class Lines(Stream raw)
    {
        private Stream stream = raw;

        public bool IsTls => stream is SslStream;

        public async Task SayAsync(string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"));

        public async Task StartTlsAsync(X509Certificate2 certificate)
        {
            var secure = new SslStream(stream);
            await secure.AuthenticateAsServerAsync(certificate);
            stream = secure;
        }

        // Byte by byte, so that nothing of what comes after STARTTLS is read before it.
        public async Task<string?> HearAsync()
        {
            var line = new List<byte>();
            var one = new byte[1];
            while (await stream.ReadAsync(one) == 1)
            {
                if (one[0] == '\n')
                {
                    return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                }

                line.Add(one[0]);
            }

            return null;
        }

        // RFC 5321 §4.5.2
        public async Task<string> HearMailAsync()
        {
            var mail = new StringBuilder();
            while (await HearAsync() is { } line && line != ".")
            {
                mail.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            }

            return mail.ToString();
        }
    }
}

/// <summary>How a <see cref="SmtpListener"/> behaves.</summary>
public enum SmtpMode
{
    Works,

    /// <summary>Greets with 421.</summary>
    Unavailable,

    /// <summary>Answers 550 to every recipient.</summary>
    RefusesRecipients,

    /// <summary>Answers 451 instead of taking the mail.</summary>
    FailsForNow,

    /// <summary>Says nothing any more.</summary>
    Hangs,
}
