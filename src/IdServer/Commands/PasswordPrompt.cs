using System.Text;

namespace IdServer.Commands;

/// <summary>Gets a password from a person or a pipe, never from the arguments, which every user of the machine can see.</summary>
internal static class PasswordPrompt
{
    /// <returns>Null when there is none; it has been said why.</returns>
    public static async Task<string?> ReadAsync(Terminal terminal, bool fromStandardInput, CancellationToken ct)
    {
        if (fromStandardInput)
        {
            if (await terminal.In.ReadLineAsync(ct) is { Length: > 0 } line)
            {
                return line;
            }

            await terminal.Error.WriteLineAsync("Standard input holds no password: write it as the first line.");
            return null;
        }

        if (!terminal.IsInteractive)
        {
            await terminal.Error.WriteLineAsync("There is nobody to ask for a password: write --password-stdin and send it on standard input.");
            return null;
        }

        var password = ReadHidden(terminal, "Password: ");
        if (ReadHidden(terminal, "The same again: ") == password)
        {
            return password;
        }

        await terminal.Error.WriteLineAsync("The two passwords differ: start again.");
        return null;
    }

    private static string ReadHidden(Terminal terminal, string question)
    {
        terminal.Error.Write(question); // not Out, which may go to a file
        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    terminal.Error.WriteLine();
                    return typed.ToString();

                case ConsoleKey.Backspace:
                    typed.Length = Math.Max(0, typed.Length - 1);
                    break;

                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        typed.Append(key.KeyChar);
                    }

                    break;
            }
        }
    }
}
