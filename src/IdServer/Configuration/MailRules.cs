using System.Net;
using IdServer.Users;

namespace IdServer.Configuration;

/// <summary>What section <c>IdServer:Mail</c> must satisfy, and what it means. The password is never quoted.</summary>
internal static class MailRules
{
    private const int ImplicitTls = 465;

    public static IEnumerable<string> Check(DeclaredMail? mail)
    {
        if (mail is null)
        {
            yield break;
        }

        if (string.IsNullOrEmpty(mail.Host))
        {
            yield return "IdServer:Mail: Host is missing: write the name of the server that takes mail, such as \"smtp.example.com\", or leave the whole section out.";
        }
        else if (Uri.CheckHostName(mail.Host) == UriHostNameType.Unknown)
        {
            yield return $"IdServer:Mail: Host is \"{mail.Host}\": write a host name such as \"smtp.example.com\"; the port has a member of its own.";
        }

        if (mail.Port == ImplicitTls)
        {
            yield return "IdServer:Mail: Port is 465, where TLS begins before the first word, which this server does not speak: write the port for STARTTLS, mostly 587.";
        }
        else if (mail.Port is < 1 or > 65_535)
        {
            yield return $"IdServer:Mail: Port is {mail.Port}: write a number from 1 to 65535.";
        }

        if (string.IsNullOrEmpty(mail.From) || !UserRules.IsEmail(mail.From))
        {
            yield return $"IdServer:Mail: From is {(string.IsNullOrEmpty(mail.From) ? "missing" : $"\"{mail.From}\"")}: write the sender's address, such as \"no-reply@example.com\"; its name belongs in FromName.";
        }

        if (mail.FromName is { } name && (name.Length is 0 or > 100 || name.Any(char.IsControl)))
        {
            yield return "IdServer:Mail: FromName is empty, longer than 100 characters or holds a control character: write the sender's name, or leave it out for the product's name.";
        }

        if (string.IsNullOrEmpty(mail.Username) != string.IsNullOrEmpty(mail.Password))
        {
            yield return $"IdServer:Mail: {(string.IsNullOrEmpty(mail.Username) ? "Username is missing beside Password" : "Password is missing beside Username, best in the environment variable IdServer__Mail__Password")}: write both, or neither.";
        }
        else if (mail is { Password.Length: > 0, StartTls: false, Host: { } host } && !IsLoopback(host))
        {
            yield return "IdServer:Mail: StartTls is false, but there is a password, which would cross the network in the clear: leave StartTls out.";
        }
    }

    /// <summary>Null when there is no mail server.</summary>
    public static MailSettings? Complete(DeclaredMail? mail, string productName)
    {
        if (mail is not { Host: { } host, From: { } from })
        {
            return null;
        }

        var unset = new MailSettings(host, from, mail.FromName ?? productName);
        return unset with
        {
            Port = mail.Port ?? unset.Port,
            StartTls = mail.StartTls ?? !IsLoopback(host),
            Username = string.IsNullOrEmpty(mail.Username) ? null : mail.Username,
            Password = string.IsNullOrEmpty(mail.Password) ? null : mail.Password,
        };
    }

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
