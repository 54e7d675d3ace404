namespace IdServer.Protocol.Sessions;

/// <summary>Where a session is, for the person who looks at their sessions. Nothing is decided by it.</summary>
/// <param name="StartedAt">When the first sign-in of the session was.</param>
/// <param name="UserAgent">What the browser called itself at the last one.</param>
/// <param name="Address">The network address of the last one.</param>
/// <param name="DeviceId">The known device, or null.</param>
public sealed record SessionOrigin(DateTimeOffset StartedAt, string? UserAgent, string? Address, Guid? DeviceId);
