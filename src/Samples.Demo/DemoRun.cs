using System.Net;
using System.Net.Sockets;

namespace Samples.Demo;

/// <summary>Server, API and web client on fixed loopback ports, from start to stop.</summary>
internal sealed class DemoRun(Places places, CancellationToken stop)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(150);

    private static readonly DemoAddress Server = new("server", "IdServer", 5100, "/.well-known/openid-configuration");
    private static readonly DemoAddress Api = new("api", "Samples.ResourceApi", 5101, "/api/articulos");
    private static readonly DemoAddress WebClient = new("web", "Samples.WebClient", 5102, "/");
    private static readonly DemoAddress[] Addresses = [Server, Api, WebClient];

    private readonly Lock console = new();
    private readonly List<DemoProgram> programs = [];

    /// <returns>The exit code: 0 after a requested stop, 1 when the demo could not start or one of its programs ended by itself.</returns>
    public async Task<int> RunAsync()
    {
        if (Addresses.FirstOrDefault(IsTaken) is { } taken)
        {
            await Console.Error.WriteLineAsync($"Port {taken.Port} ({taken.Name}) is in use: stop the program that listens there, then start the demo again.");
            return 1;
        }

        if (await StartAllAsync())
        {
            Print(Announcement.Write(places, Server, Api, WebClient));
            await Task.WhenAny([Task.Delay(Timeout.Infinite, stop), .. programs.Select(program => program.EndAsync(stop))]);
        }

        // Ctrl+C reaches the programs too, perhaps a moment before it is seen here.
        await Task.WhenAny(Task.Delay(Between, stop));
        var verdict = stop.IsCancellationRequested ? null : Fault();
        await Task.WhenAll(programs.Select(program => program.StopAsync(TimeSpan.FromSeconds(10))));
        programs.ForEach(program => program.Dispose());
        if (verdict is null)
        {
            return 0;
        }

        await Console.Error.WriteLineAsync(verdict);
        return 1;
    }

    /// <summary>One after the other, because the API asks the server for its keys when it starts. False when a program ended, the demo is to stop, or it takes too long.</summary>
    private async Task<bool> StartAllAsync()
    {
        Directory.CreateDirectory(places.Data);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(StartLimit);
        foreach (var address in Addresses)
        {
            programs.Add(Start(address));
            while (!await AnswersAsync(http, address, limit.Token))
            {
                if (limit.IsCancellationRequested || programs.Exists(program => program.HasExited))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private DemoProgram Start(DemoAddress address)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = address.Url,
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        };
        SetUnlessGiven(settings, "ResourceApi__Database", $"Data Source={Path.Combine(places.Data, "resource-api.db")}");
        SetUnlessGiven(settings, "WebClient__Keys", Path.Combine(places.Data, "web-client-keys"));
        return DemoProgram.Start(address.Name, places.Assembly(address.Project), places.Root, settings, PrintLine);
    }

    private static void SetUnlessGiven(Dictionary<string, string> settings, string name, string value) =>
        settings[name] = Environment.GetEnvironmentVariable(name) ?? value;

    private static async Task<bool> AnswersAsync(HttpClient http, DemoAddress address, CancellationToken ct)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(address.Url + address.Probe), ct);
            if (response.IsSuccessStatusCode)
            {
                return true;
            }

            await Task.Delay(Between, ct);
        }
        catch (HttpRequestException)
        {
            await Task.Delay(Between, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // asked to stop, or this one request took too long
        }

        return false;
    }

    private string Fault() => programs.Find(program => program.HasExited) is { } ended
        ? $"The {ended.Name} ended with exit code {ended.ExitCode}; what it said is above."
        : $"The demo did not answer within {StartLimit.TotalSeconds} seconds; what its programs said is above.";

    private static bool IsTaken(DemoAddress address)
    {
        foreach (var loopback in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            try
            {
                using var listener = new TcpListener(loopback, address.Port);
                listener.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                return true;
            }
            catch (SocketException)
            {
                // no IPv6 on this machine
            }
        }

        return false;
    }

    private void PrintLine(string name, string line) => Print($"{name,-6} | {line}");

    private void Print(string text)
    {
        lock (console)
        {
            Console.WriteLine(text);
        }
    }
}
