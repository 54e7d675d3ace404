using System.Text;
using QRCoder;

namespace Samples.DeviceClient;

/// <summary>A QR code as text, two modules above one another in each character, with the quiet zone that readers need around it.</summary>
public static class QrText
{
    /// <param name="hasColours">Black on white whatever the terminal's colours are; without, a reader must take light on dark.</param>
    public static string Draw(string content, bool hasColours)
    {
        using var code = QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix;
        var text = new StringBuilder();
        for (var y = 0; y < modules.Count; y += 2)
        {
            text.Append(hasColours ? "\e[38;5;16;48;5;231m" : "");
            for (var x = 0; x < modules[y].Count; x++)
            {
                text.Append((modules[y][x], y + 1 < modules.Count && modules[y + 1][x]) switch
                {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    _ => ' ',
                });
            }

            text.AppendLine(hasColours ? "\e[0m" : "");
        }

        return text.ToString();
    }
}
