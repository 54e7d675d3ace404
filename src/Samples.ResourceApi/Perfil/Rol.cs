namespace Samples.ResourceApi.Perfil;

/// <summary>The member <c>rol</c> as tokens write it: a string for one role, an array for several.</summary>
internal static class Rol
{
    public static object? Of(IReadOnlyList<string>? roles) => roles switch
    {
        null or [] => null,
        [var only] => only,
        _ => roles,
    };
}
