namespace IdServer.Pages.Manage;

/// <summary>On a <see cref="SignedInPage"/>: credentials must have been entered a short time ago, the second factor of an account that has one included.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresRecentSignInAttribute : Attribute
{
    /// <summary>How long a sign-in is recent.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
}
