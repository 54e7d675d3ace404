using System.Globalization;
using IdServer.Localization;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>The standard claims of OIDC Core §5.1, for their owner to write. What is saved shows at userinfo at once.</summary>
public sealed class ProfileModel(OwnAccount own, Notices notices, Texts texts) : SignedInPage
{
    private const string Prefix = "profile-";
    private const string AddressPrefix = "address.";

    private Dictionary<string, string> faults = [];
    private DeclaredUser profile = new();

    public string? Fault { get; private set; }

    public void OnGet() => profile = new DeclaredUser
    {
        Name = Account.Name,
        GivenName = Account.GivenName,
        MiddleName = Account.MiddleName,
        FamilyName = Account.FamilyName,
        Nickname = Account.Nickname,
        Gender = Account.Gender,
        Birthdate = Account.Birthdate,
        Profile = Account.Profile,
        Picture = Account.Picture,
        Website = Account.Website,
        Locale = Account.Locale,
        ZoneInfo = Account.ZoneInfo,
        PhoneNumber = Account.PhoneNumber,
        Address = Account.Address,
    };

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        profile = new DeclaredUser
        {
            Name = Written(ClaimNames.Name),
            GivenName = Written(ClaimNames.GivenName),
            MiddleName = Written(ClaimNames.MiddleName),
            FamilyName = Written(ClaimNames.FamilyName),
            Nickname = Written(ClaimNames.Nickname),
            Gender = Written(ClaimNames.Gender),
            Birthdate = Written(ClaimNames.Birthdate),
            Profile = Written(ClaimNames.Profile),
            Picture = Written(ClaimNames.Picture),
            Website = Written(ClaimNames.Website),
            Locale = Written(ClaimNames.Locale),
            ZoneInfo = Written(ClaimNames.ZoneInfo),
            PhoneNumber = Written(ClaimNames.PhoneNumber),
            Address = new PostalAddress(Written("address.formatted"), Written("address.street_address"), Written("address.locality"), Written("address.region"), Written("address.postal_code"), Written("address.country")),
        };
        var found = await own.ChangeProfileAsync(Account.Subject, profile, HttpContext.Connection.RemoteIpAddress, ct);
        if (found.Count == 0)
        {
            notices.Say(HttpContext, "Profile.Saved");
            return new SeeOtherResult(Url.Page("/Manage/Profile")!);
        }

        faults = found.ToDictionary(f => f.Member, f => f.Kind == UserFaultKind.TooLong ? texts["Profile.Fault.TooLong"] : texts[$"Profile.Fault.{f.Member}"], StringComparer.Ordinal);
        Fault = texts["Profile.Faults"];
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }

    /// <summary>The fields in their order. After a fault the first wrong one has the focus.</summary>
    public IReadOnlyList<FieldGroup> Groups()
    {
        var isFirst = true;
        return
        [
            new(texts["Profile.Group.Name"],
            [
                Field(ClaimNames.Name, profile.Name, "name"),
                Field(ClaimNames.GivenName, profile.GivenName, "given-name"),
                Field(ClaimNames.MiddleName, profile.MiddleName, "additional-name"),
                Field(ClaimNames.FamilyName, profile.FamilyName, "family-name"),
                Field(ClaimNames.Nickname, profile.Nickname, "nickname"),
            ]),
            new(texts["Profile.Group.About"],
            [
                Field(ClaimNames.Birthdate, profile.Birthdate, "bday") with { Hint = texts["Profile.BirthdateHint"] },
                Field(ClaimNames.Gender, profile.Gender, "sex"),
                Field(ClaimNames.Picture, profile.Picture, "photo") with { Type = "url", MaximumLength = 2000, Hint = texts["Profile.PictureHint"] },
                Field(ClaimNames.Website, profile.Website, "url") with { Type = "url", MaximumLength = 2000 },
                Field(ClaimNames.Profile, profile.Profile, "off") with { Type = "url", MaximumLength = 2000 },
                Field(ClaimNames.PhoneNumber, profile.PhoneNumber, "tel") with { Type = "tel", Hint = texts["Profile.PhoneHint"] },
            ]),
            new(texts["Profile.Group.Place"],
            [
                Field(ClaimNames.Locale, profile.Locale, "language") with { Options = Places.Languages(profile.Locale, texts["Profile.NotSet"]) },
                Field(ClaimNames.ZoneInfo, profile.ZoneInfo, "off") with { Options = Places.TimeZones(profile.ZoneInfo, texts["Profile.NotSet"]), Hint = texts["Profile.ZoneHint"] },
            ]),
            new(texts["Profile.Group.Address"],
            [
                Field("address.street_address", profile.Address?.StreetAddress, "street-address") with { Rows = 2 },
                Field("address.postal_code", profile.Address?.PostalCode, "postal-code"),
                Field("address.locality", profile.Address?.Locality, "address-level2"),
                Field("address.region", profile.Address?.Region, "address-level1"),
                Field("address.country", profile.Address?.Country, "country-name"),
                Field("address.formatted", profile.Address?.Formatted, "off") with { Rows = 4, Hint = texts["Profile.FormattedHint"] },
            ]),
        ];

        FormField Field(string member, string? value, string autocomplete)
        {
            var fault = faults.GetValueOrDefault(member);
            var hasFocus = fault is not null && isFirst;
            isFirst &= fault is null;
            return new(IdOf(member), LabelOf(member), autocomplete, value, fault) { IsRequired = false, HasFocus = hasFocus, DescribedBy = hasFocus ? "profile-fault" : null };
        }
    }

    // The words of the consent page, as a label.
    private string LabelOf(string member)
    {
        var words = member.StartsWith(AddressPrefix, StringComparison.Ordinal) ? texts[$"Profile.Label.{member[AddressPrefix.Length..]}"] : texts[$"Claim.{member}"];
        return char.ToUpper(words[0], CultureInfo.CurrentUICulture) + words[1..];
    }

    private string? Written(string member) => Request.Form[IdOf(member)].ToString().Trim() is { Length: > 0 } text ? text : null;

    private static string IdOf(string member) => Prefix + member.Replace('.', '-').Replace('_', '-');
}

/// <summary>Fields that belong together.</summary>
public sealed record FieldGroup(string Title, IReadOnlyList<FormField> Fields);
