using Microsoft.AspNetCore.Authentication.OAuth;

namespace IdServer.Upstream;

/// <summary>The framework's options of one provider.</summary>
internal sealed class UpstreamOptions : OAuthOptions
{
    public UpstreamProvider Provider { get; set; } = null!;

    /// <summary>The configuration has been checked, in words for its author; and an endpoint may not be known before it is discovered.</summary>
    public override void Validate()
    {
    }
}
