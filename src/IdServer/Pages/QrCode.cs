using System.Globalization;
using System.Text;
using QRCoder;

namespace IdServer.Pages;

/// <summary>A QR code as one path of an <c>svg</c> element, which needs no style and no address that the content security policy would have to allow. Drawn by <c>_QrCode</c>.</summary>
/// <param name="Size">Of a side, quiet zone included.</param>
/// <param name="Path">A square of side 1 for every dark module.</param>
/// <param name="Label">What it is, for who does not see it.</param>
public sealed record QrCode(int Size, string Path, string Label)
{
    public static QrCode Of(string text, string label)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Length; x++)
            {
                if (rows[y][x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return new QrCode(rows.Count, path.ToString(), label);
    }
}
