using IdServer.Data.Users;

namespace IdServer.Users;

/// <summary>Between the claim names that people write and the entity that is stored.</summary>
internal static class ProfileMembers
{
    /// <summary>Sets every member that is written; what is not written stays as it is. Neither password nor roles.</summary>
    /// <param name="isWhole">Whether what is not written goes, logins and what is verified excepted.</param>
    /// <returns>Whether any member has another value now.</returns>
    public static bool Apply(DeclaredUser written, User user, bool isWhole = false)
    {
        var changed = false;
        user.UserName = Chosen(written.Username, user.UserName);
        user.Email = Chosen(written.Email, user.Email);
        user.EmailConfirmed = Chosen(written.EmailVerified ?? user.EmailConfirmed, user.EmailConfirmed);
        user.Name = Shown(written.Name, user.Name);
        user.GivenName = Shown(written.GivenName, user.GivenName);
        user.FamilyName = Shown(written.FamilyName, user.FamilyName);
        user.MiddleName = Shown(written.MiddleName, user.MiddleName);
        user.Nickname = Shown(written.Nickname, user.Nickname);
        user.Profile = Shown(written.Profile, user.Profile);
        user.Picture = Shown(written.Picture, user.Picture);
        user.Website = Shown(written.Website, user.Website);
        user.Gender = Shown(written.Gender, user.Gender);
        user.Birthdate = Shown(written.Birthdate, user.Birthdate);
        user.ZoneInfo = Shown(written.ZoneInfo, user.ZoneInfo);
        user.Locale = Shown(written.Locale, user.Locale);
        user.PhoneNumber = Shown(written.PhoneNumber, user.PhoneNumber);
        user.PhoneNumberConfirmed = Chosen(written.PhoneNumberVerified ?? user.PhoneNumberConfirmed, user.PhoneNumberConfirmed);
        user.AddressFormatted = Shown(written.Address?.Formatted, user.AddressFormatted);
        user.AddressStreet = Shown(written.Address?.StreetAddress, user.AddressStreet);
        user.AddressLocality = Shown(written.Address?.Locality, user.AddressLocality);
        user.AddressRegion = Shown(written.Address?.Region, user.AddressRegion);
        user.AddressPostalCode = Shown(written.Address?.PostalCode, user.AddressPostalCode);
        user.AddressCountry = Shown(written.Address?.Country, user.AddressCountry);
        return changed;

        string? Shown(string? now, string? before)
        {
            if (now is null && isWhole)
            {
                changed |= before is not null;
                return null;
            }

            return Chosen(now, before);
        }

        T Chosen<T>(T? now, T before)
        {
            changed |= now is not null && !now.Equals(before);
            return now ?? before;
        }
    }
}
