using System.Diagnostics.Metrics;
using System.Net;
using IdServer.Data.Audit;
using IdServer.Protocol.Events;

namespace IdServer.Hosting;

/// <summary>The one listener of outcomes: a log message with a stable id per kind (the number of <see cref="EventKind"/>), the counter <c>idserver.outcomes</c>, and for security events a row of the audit trail.</summary>
public sealed partial class ProtocolEventLog : IProtocolEvents
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "IdServer";

    private readonly ILogger<ProtocolEventLog> log;
    private readonly AuditTrail audit;
    private readonly Counter<long> outcomes;

    public ProtocolEventLog(ILogger<ProtocolEventLog> log, AuditTrail audit, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        (this.log, this.audit) = (log, audit);
        var meter = meters.Create(MeterName);
        outcomes = meter.CreateCounter<long>("idserver.outcomes", "{outcome}", "Outcomes of protocol requests by kind, grant type and error.");
        meter.CreateObservableCounter("idserver.audit.lost", () => audit.Lost, "{event}", "Security events that could not be kept in the audit trail.");
    }

    public void Raise(in ProtocolEvent outcome)
    {
        // No client id: anybody can invent one, and every value makes a time series.
        if (outcomes.Enabled)
        {
            outcomes.Add(1, new("kind", outcome.Kind.ToString()), new("grant_type", outcome.GrantType), new("error", outcome.Error));
        }

        audit.Add(outcome);
        var (client, subject, grant, type, error, detail, source) = (outcome.ClientId, outcome.Subject, outcome.GrantId, outcome.GrantType, outcome.Error, outcome.Detail, outcome.RemoteAddress);
        switch (outcome.Kind)
        {
            case EventKind.AuthorizationGranted: AuthorizationGranted(client, subject, grant); break;
            case EventKind.AuthorizationRefused: AuthorizationRefused(client, error, detail); break;
            case EventKind.InteractionStarted: InteractionStarted(client); break;
            case EventKind.ConsentGiven: ConsentGiven(client, subject); break;
            case EventKind.ConsentDenied: ConsentDenied(client, subject); break;
            case EventKind.RequestPushed: RequestPushed(client); break;
            case EventKind.PushedRequestRefused: PushedRequestRefused(client, error, detail, source); break;
            case EventKind.DeviceCodeIssued: DeviceCodeIssued(client, source); break;
            case EventKind.DeviceCodeRefused: DeviceCodeRefused(client, error, detail, source); break;
            case EventKind.TokenIssued: TokenIssued(type, client, subject, grant); break;
            case EventKind.TokenRefused: TokenRefused(type, client, error, detail, source); break;
            case EventKind.ClientAuthenticationFailed: ClientAuthenticationFailed(client, detail, source); break;
            case EventKind.CodeReuseDetected: CodeReuseDetected(client, subject, grant, source); break;
            case EventKind.RefreshTokenReuseDetected: RefreshTokenReuseDetected(client, subject, grant, source); break;
            case EventKind.DeviceCodeReuseDetected: DeviceCodeReuseDetected(client, subject, grant, source); break;
            case EventKind.TokenPending: TokenPending(type, client, source); break;
            case EventKind.TokenRevoked: TokenRevoked(client, subject, grant, detail); break;
            case EventKind.IntrospectionRefused: IntrospectionRefused(client, error, detail, source); break;
            case EventKind.UserInfoRefused: UserInfoRefused(client, error, detail, source); break;
            case EventKind.SessionEnded: SessionEnded(subject, detail); break;
            case EventKind.EndSessionRefused: EndSessionRefused(client, error, detail); break;
            case EventKind.RevocationFeedRefused: RevocationFeedRefused(client, error, detail, source); break;
            case EventKind.LogoutDelivered: LogoutDelivered(client, subject, outcome.SessionId); break;
            case EventKind.LogoutPutOff: LogoutPutOff(client, subject, outcome.SessionId, detail); break;
            case EventKind.LogoutGivenUp: LogoutGivenUp(client, subject, outcome.SessionId, detail); break;
            case EventKind.ClientDocumentRefused: ClientDocumentRefused(client, detail); break;
            case EventKind.RevocationRefused: RevocationRefused(client, error, detail, source); break;
            case EventKind.SignedIn: SignedIn(subject, source); break;
            case EventKind.SignInFailed: SignInFailed(detail, source); break;
            case EventKind.UserRegistered: UserRegistered(subject, source); break;
            case EventKind.PasswordChanged: PasswordChanged(subject, detail); break;
            case EventKind.UserDisabled: UserDisabled(subject); break;
            case EventKind.UserEnabled: UserEnabled(subject); break;
            case EventKind.LoginLinked: LoginLinked(subject, detail, source); break;
            case EventKind.SecondFactorChanged: SecondFactorChanged(subject, detail, source); break;
            case EventKind.UserCodeWrong: UserCodeWrong(detail, source); break;
            case EventKind.AddressVerified: AddressVerified(subject, source); break;
            case EventKind.AddressReleased: AddressReleased(subject, detail); break;
            case EventKind.PasskeyAdded: PasskeyAdded(subject, detail, source); break;
            case EventKind.PasskeyRemoved: PasskeyRemoved(subject, detail, source); break;
            case EventKind.ProfileChanged: ProfileChanged(subject, source); break;
            case EventKind.AddressChanged: AddressChanged(subject, source); break;
            case EventKind.LoginUnlinked: LoginUnlinked(subject, detail, source); break;
            case EventKind.AccessWithdrawn: AccessWithdrawn(client, subject, source); break;
            case EventKind.DataDownloaded: DataDownloaded(subject, source); break;
            case EventKind.DeletionScheduled: DeletionScheduled(subject, detail, source); break;
            case EventKind.UserDeleted: UserDeleted(subject); break;
            case EventKind.RecoveryAsked: RecoveryAsked(detail, source); break;
            case EventKind.SigningKeyAdded: SigningKeyAdded(detail); break;
            case EventKind.SigningKeyRemoved: SigningKeyRemoved(detail); break;
            case EventKind.ClientAdded: ClientAdded(client); break;
            case EventKind.ClientChanged: ClientChanged(client); break;
            case EventKind.ClientRemoved: ClientRemoved(client); break;
            case EventKind.RegistrationRefused: RegistrationRefused(client, error, detail, source); break;
            default: throw new ArgumentOutOfRangeException(nameof(outcome), outcome.Kind, "An event kind without a log message.");
        }
    }

    // Debug, as the tokens that follow it: every return to an application is one, and the person was seen at sign-in and consent.
    [LoggerMessage(1000, LogLevel.Debug, "Authorization granted to {ClientId} by {Subject}, grant {GrantId}")]
    private partial void AuthorizationGranted(string? clientId, string? subject, Guid? grantId);

    [LoggerMessage(1001, LogLevel.Information, "Authorization refused to {ClientId}: {Error} ({Detail})")]
    private partial void AuthorizationRefused(string? clientId, string? error, string? detail);

    [LoggerMessage(1002, LogLevel.Debug, "Interaction started for {ClientId}")]
    private partial void InteractionStarted(string? clientId);

    [LoggerMessage(1003, LogLevel.Information, "Consent given to {ClientId} by {Subject}")]
    private partial void ConsentGiven(string? clientId, string? subject);

    [LoggerMessage(1004, LogLevel.Information, "Consent denied to {ClientId} by {Subject}")]
    private partial void ConsentDenied(string? clientId, string? subject);

    [LoggerMessage(1010, LogLevel.Debug, "Authorization request pushed by {ClientId}")]
    private partial void RequestPushed(string? clientId);

    [LoggerMessage(1011, LogLevel.Information, "Pushed authorization request refused to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void PushedRequestRefused(string? clientId, string? error, string? detail, IPAddress? source);

    [LoggerMessage(1020, LogLevel.Information, "Device code issued to {ClientId} at {Source}")]
    private partial void DeviceCodeIssued(string? clientId, IPAddress? source);

    [LoggerMessage(1021, LogLevel.Information, "Device code refused to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void DeviceCodeRefused(string? clientId, string? error, string? detail, IPAddress? source);

    // Debug: the busiest outcome of all, and the counter has it too.
    [LoggerMessage(1100, LogLevel.Debug, "Token issued: {GrantType} to {ClientId} for {Subject}, grant {GrantId}")]
    private partial void TokenIssued(string? grantType, string? clientId, string? subject, Guid? grantId);

    [LoggerMessage(1101, LogLevel.Information, "Token refused: {GrantType} to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void TokenRefused(string? grantType, string? clientId, string? error, string? detail, IPAddress? source);

    [LoggerMessage(1102, LogLevel.Warning, "Client authentication failed for {ClientId}: {Detail} from {Source}")]
    private partial void ClientAuthenticationFailed(string? clientId, string? detail, IPAddress? source);

    [LoggerMessage(1103, LogLevel.Warning, "Authorization code used twice at {ClientId} for {Subject}: grant {GrantId} ended, from {Source}")]
    private partial void CodeReuseDetected(string? clientId, string? subject, Guid? grantId, IPAddress? source);

    [LoggerMessage(1104, LogLevel.Warning, "Refresh token used twice at {ClientId} for {Subject}: grant {GrantId} ended, from {Source}")]
    private partial void RefreshTokenReuseDetected(string? clientId, string? subject, Guid? grantId, IPAddress? source);

    [LoggerMessage(1110, LogLevel.Warning, "Device code used twice at {ClientId} for {Subject}: grant {GrantId} ended, from {Source}")]
    private partial void DeviceCodeReuseDetected(string? clientId, string? subject, Guid? grantId, IPAddress? source);

    // Debug: a waiting device says so every few seconds.
    [LoggerMessage(1111, LogLevel.Debug, "Token pending: {GrantType} at {ClientId} from {Source}")]
    private partial void TokenPending(string? grantType, string? clientId, IPAddress? source);

    [LoggerMessage(1200, LogLevel.Information, "Token revoked by {ClientId} for {Subject}, grant {GrantId} ({Detail})")]
    private partial void TokenRevoked(string? clientId, string? subject, Guid? grantId, string? detail);

    [LoggerMessage(1201, LogLevel.Information, "Introspection refused to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void IntrospectionRefused(string? clientId, string? error, string? detail, IPAddress? source);

    [LoggerMessage(1202, LogLevel.Information, "Userinfo refused to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void UserInfoRefused(string? clientId, string? error, string? detail, IPAddress? source);

    [LoggerMessage(1203, LogLevel.Information, "Session of {Subject} ended ({Detail})")]
    private partial void SessionEnded(string? subject, string? detail);

    [LoggerMessage(1204, LogLevel.Information, "End of session refused to {ClientId}: {Error} ({Detail})")]
    private partial void EndSessionRefused(string? clientId, string? error, string? detail);

    [LoggerMessage(1205, LogLevel.Warning, "Revocation feed refused to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void RevocationFeedRefused(string? clientId, string? error, string? detail, IPAddress? source);

    [LoggerMessage(1206, LogLevel.Information, "Logout delivered to {ClientId} for {Subject}, session {SessionId}")]
    private partial void LogoutDelivered(string? clientId, string? subject, Guid? sessionId);

    [LoggerMessage(1207, LogLevel.Warning, "Logout not delivered to {ClientId} for {Subject}, session {SessionId}: {Detail}")]
    private partial void LogoutPutOff(string? clientId, string? subject, Guid? sessionId, string? detail);

    [LoggerMessage(1208, LogLevel.Warning, "Logout given up for {ClientId} of {Subject}, session {SessionId}: {Detail}")]
    private partial void LogoutGivenUp(string? clientId, string? subject, Guid? sessionId, string? detail);

    [LoggerMessage(1209, LogLevel.Information, "{ClientId} is no client: {Detail}")]
    private partial void ClientDocumentRefused(string? clientId, string? detail);

    [LoggerMessage(1210, LogLevel.Information, "Revocation refused to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void RevocationRefused(string? clientId, string? error, string? detail, IPAddress? source);

    [LoggerMessage(1300, LogLevel.Information, "Signed in: {Subject} from {Source}")]
    private partial void SignedIn(string? subject, IPAddress? source);

    [LoggerMessage(1301, LogLevel.Information, "Sign-in failed ({Detail}) from {Source}")]
    private partial void SignInFailed(string? detail, IPAddress? source);

    [LoggerMessage(1302, LogLevel.Information, "User registered: {Subject} from {Source}")]
    private partial void UserRegistered(string? subject, IPAddress? source);

    [LoggerMessage(1303, LogLevel.Information, "Password of {Subject} changed ({Detail})")]
    private partial void PasswordChanged(string? subject, string? detail);

    [LoggerMessage(1304, LogLevel.Information, "User disabled: {Subject}")]
    private partial void UserDisabled(string? subject);

    [LoggerMessage(1305, LogLevel.Information, "User enabled: {Subject}")]
    private partial void UserEnabled(string? subject);

    [LoggerMessage(1306, LogLevel.Information, "Login at {Detail} linked with {Subject} from {Source}")]
    private partial void LoginLinked(string? subject, string? detail, IPAddress? source);

    [LoggerMessage(1335, LogLevel.Information, "Second factor of {Subject} changed ({Detail}) from {Source}")]
    private partial void SecondFactorChanged(string? subject, string? detail, IPAddress? source);

    [LoggerMessage(1310, LogLevel.Information, "No device shows the code that was entered ({Detail}) from {Source}")]
    private partial void UserCodeWrong(string? detail, IPAddress? source);

    [LoggerMessage(1320, LogLevel.Information, "The address of {Subject} is verified, from {Source}")]
    private partial void AddressVerified(string? subject, IPAddress? source);

    [LoggerMessage(1321, LogLevel.Warning, "The address that {Subject} had and never verified was taken away: {Detail}")]
    private partial void AddressReleased(string? subject, string? detail);

    [LoggerMessage(1330, LogLevel.Information, "Passkey added to {Subject}: {Detail}, from {Source}")]
    private partial void PasskeyAdded(string? subject, string? detail, IPAddress? source);

    [LoggerMessage(1331, LogLevel.Information, "Passkey removed from {Subject}: {Detail}, from {Source}")]
    private partial void PasskeyRemoved(string? subject, string? detail, IPAddress? source);

    [LoggerMessage(1340, LogLevel.Information, "Profile of {Subject} changed from {Source}")]
    private partial void ProfileChanged(string? subject, IPAddress? source);

    [LoggerMessage(1341, LogLevel.Information, "E-mail address of {Subject} changed from {Source}")]
    private partial void AddressChanged(string? subject, IPAddress? source);

    [LoggerMessage(1342, LogLevel.Information, "Login at {Detail} unlinked from {Subject}, from {Source}")]
    private partial void LoginUnlinked(string? subject, string? detail, IPAddress? source);

    [LoggerMessage(1343, LogLevel.Information, "Access of {ClientId} withdrawn by {Subject} from {Source}")]
    private partial void AccessWithdrawn(string? clientId, string? subject, IPAddress? source);

    [LoggerMessage(1344, LogLevel.Information, "Data of {Subject} downloaded from {Source}")]
    private partial void DataDownloaded(string? subject, IPAddress? source);

    [LoggerMessage(1345, LogLevel.Information, "Account {Subject} is to be deleted ({Detail}), from {Source}")]
    private partial void DeletionScheduled(string? subject, string? detail, IPAddress? source);

    [LoggerMessage(1346, LogLevel.Information, "User deleted: {Subject}")]
    private partial void UserDeleted(string? subject);

    [LoggerMessage(1350, LogLevel.Information, "Recovery asked for ({Detail}) from {Source}")]
    private partial void RecoveryAsked(string? detail, IPAddress? source);

    [LoggerMessage(1400, LogLevel.Information, "Signing key added: {Detail}")]
    private partial void SigningKeyAdded(string? detail);

    [LoggerMessage(1401, LogLevel.Information, "Signing key removed: {Detail}")]
    private partial void SigningKeyRemoved(string? detail);

    [LoggerMessage(1600, LogLevel.Information, "Client added: {ClientId}")]
    private partial void ClientAdded(string? clientId);

    [LoggerMessage(1601, LogLevel.Information, "Client changed: {ClientId}")]
    private partial void ClientChanged(string? clientId);

    [LoggerMessage(1602, LogLevel.Information, "Client removed: {ClientId}")]
    private partial void ClientRemoved(string? clientId);

    [LoggerMessage(1603, LogLevel.Information, "Registration refused to {ClientId}: {Error} ({Detail}) from {Source}")]
    private partial void RegistrationRefused(string? clientId, string? error, string? detail, IPAddress? source);
}
