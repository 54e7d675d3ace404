using System.Runtime.InteropServices;

namespace Samples.Demo;

/// <summary>Ctrl+C, SIGTERM and a closed terminal, as one token. None of them ends the demo before its programs are stopped.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<PosixSignalRegistration> registrations = [];

    public StopSignal()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                stop.Cancel();
            }));
        }
    }

    public CancellationToken Token => stop.Token;

    public void Dispose()
    {
        registrations.ForEach(registration => registration.Dispose());
        stop.Dispose();
    }
}
