namespace IdServer.Commands;

/// <summary>Where a command reads and writes.</summary>
/// <param name="IsInteractive">Whether a person sits at <paramref name="In"/>, so that a password can be asked for.</param>
public sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool IsInteractive)
{
    public static Terminal OfThisProcess() => new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected);
}
