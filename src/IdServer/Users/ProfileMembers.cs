using IdServer.Data.Users;

namespace IdServer.Users;

/// <summary>Between the claim names that people write and the entity that is stored.</summary>
internal static class ProfileMembers
{
    /// <summary>Sets every member that is written; what is not written stays as it is. Neither password nor roles.</summary>
    /// <returns>Whether any member has another value now.</returns>
    public static bool Apply(DeclaredUser written, User user)
    {
        var changed = false;
        user.UserName = Chosen(written.Username, user.UserName);
        user.Email = Chosen(written.Email, user.Email);
        user.EmailConfirmed = Chosen(written.EmailVerified ?? user.EmailConfirmed, user.EmailConfirmed);
        user.Name = Chosen(written.Name, user.Name);
        user.GivenName = Chosen(written.GivenName, user.GivenName);
        user.FamilyName = Chosen(written.FamilyName, user.FamilyName);
        user.MiddleName = Chosen(written.MiddleName, user.MiddleName);
        user.Nickname = Chosen(written.Nickname, user.Nickname);
        user.Profile = Chosen(written.Profile, user.Profile);
        user.Picture = Chosen(written.Picture, user.Picture);
        user.Website = Chosen(written.Website, user.Website);
        user.Gender = Chosen(written.Gender, user.Gender);
        user.Birthdate = Chosen(written.Birthdate, user.Birthdate);
        user.ZoneInfo = Chosen(written.ZoneInfo, user.ZoneInfo);
        user.Locale = Chosen(written.Locale, user.Locale);
        user.PhoneNumber = Chosen(written.PhoneNumber, user.PhoneNumber);
        user.PhoneNumberConfirmed = Chosen(written.PhoneNumberVerified ?? user.PhoneNumberConfirmed, user.PhoneNumberConfirmed);
        user.AddressFormatted = Chosen(written.Address?.Formatted, user.AddressFormatted);
        user.AddressStreet = Chosen(written.Address?.StreetAddress, user.AddressStreet);
        user.AddressLocality = Chosen(written.Address?.Locality, user.AddressLocality);
        user.AddressRegion = Chosen(written.Address?.Region, user.AddressRegion);
        user.AddressPostalCode = Chosen(written.Address?.PostalCode, user.AddressPostalCode);
        user.AddressCountry = Chosen(written.Address?.Country, user.AddressCountry);
        return changed;

        T Chosen<T>(T? now, T before)
        {
            changed |= now is not null && !now.Equals(before);
            return now ?? before;
        }
    }
}
