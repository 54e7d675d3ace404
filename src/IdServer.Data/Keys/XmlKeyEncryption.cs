using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data.Keys;

/// <summary>Encrypts the secrets inside Data Protection's keys.</summary>
internal sealed class XmlKeyEncryptor(KeyEncryption encryption) : IXmlEncryptor
{
    internal const string Purpose = "data protection";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement("encryptedKey", new XElement("value", Convert.ToBase64String(encryption.Encrypt(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)), Purpose)))),
        typeof(XmlKeyDecryptor));
}

/// <summary>The other way. The framework makes it from the name of its type, which the stored keys hold: do not rename it.</summary>
internal sealed class XmlKeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    private readonly KeyEncryption encryption = services.GetRequiredService<KeyEncryption>();

    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(Encoding.UTF8.GetString(encryption.Decrypt(Convert.FromBase64String((string)encryptedElement.Element("value")!), XmlKeyEncryptor.Purpose)));
}
