namespace IdServer.Mail;

/// <summary>Who gets a mail.</summary>
/// <param name="Language">A language tag; null: the language of the page that is being answered.</param>
/// <param name="ZoneInfo">A name of the IANA time zone database, for the times in it; null: UTC, and it says so.</param>
/// <param name="UserId">Null where there is no account.</param>
internal sealed record MailRecipient(string Address, string? Language = null, string? ZoneInfo = null, Guid? UserId = null);
