using IdServer.Data.Users;

namespace IdServer.Users;

/// <summary>Between the claim names that people write and the entity that is stored.</summary>
internal static class ProfileMembers
{
    /// <summary>Sets every member that is written; what is not written stays as it is. Neither password nor roles.</summary>
    public static void Apply(DeclaredUser written, User user)
    {
        user.UserName = written.Username ?? user.UserName;
        user.Email = written.Email ?? user.Email;
        user.EmailConfirmed = written.EmailVerified ?? user.EmailConfirmed;
        user.Name = written.Name ?? user.Name;
        user.GivenName = written.GivenName ?? user.GivenName;
        user.FamilyName = written.FamilyName ?? user.FamilyName;
        user.MiddleName = written.MiddleName ?? user.MiddleName;
        user.Nickname = written.Nickname ?? user.Nickname;
        user.Profile = written.Profile ?? user.Profile;
        user.Picture = written.Picture ?? user.Picture;
        user.Website = written.Website ?? user.Website;
        user.Gender = written.Gender ?? user.Gender;
        user.Birthdate = written.Birthdate ?? user.Birthdate;
        user.ZoneInfo = written.ZoneInfo ?? user.ZoneInfo;
        user.Locale = written.Locale ?? user.Locale;
        user.PhoneNumber = written.PhoneNumber ?? user.PhoneNumber;
        user.PhoneNumberConfirmed = written.PhoneNumberVerified ?? user.PhoneNumberConfirmed;
        user.AddressFormatted = written.Address?.Formatted ?? user.AddressFormatted;
        user.AddressStreet = written.Address?.StreetAddress ?? user.AddressStreet;
        user.AddressLocality = written.Address?.Locality ?? user.AddressLocality;
        user.AddressRegion = written.Address?.Region ?? user.AddressRegion;
        user.AddressPostalCode = written.Address?.PostalCode ?? user.AddressPostalCode;
        user.AddressCountry = written.Address?.Country ?? user.AddressCountry;
    }
}
