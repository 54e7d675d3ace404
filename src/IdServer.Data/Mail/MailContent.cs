using System.Text.Json.Serialization;

namespace IdServer.Data.Mail;

/// <summary>A mail in its words. Its links are credentials: it is stored sealed, and logged never.</summary>
/// <param name="To">An e-mail address.</param>
/// <param name="Text">The plain version.</param>
/// <param name="Html">The same as a document of its own.</param>
public sealed record MailContent(string To, string Subject, string Text, string Html);

[JsonSerializable(typeof(MailContent))]
internal sealed partial class MailContentJson : JsonSerializerContext;
