using System.Net;

namespace IdServer.Protocol.Events;

/// <summary>One outcome, reported once. Never holds a token, code, secret or password.</summary>
/// <param name="Error">The OAuth error code of a refusal.</param>
/// <param name="Detail">The private reason or another detail for the operator.</param>
public readonly record struct ProtocolEvent(
    EventKind Kind,
    string? ClientId = null,
    string? Subject = null,
    Guid? GrantId = null,
    string? GrantType = null,
    string? Error = null,
    string? Detail = null,
    IPAddress? RemoteAddress = null,
    Guid? SessionId = null);

/// <summary>Kinds of outcomes. The number is the id of the log message: 1000 authorization, 1100 token, 1200 the other endpoints, 1300 people, 1400 keys, 1600 clients. The numbers are stored.</summary>
public enum EventKind
{
    AuthorizationGranted = 1000,
    AuthorizationRefused = 1001,
    InteractionStarted = 1002,
    ConsentGiven = 1003,
    ConsentDenied = 1004,
    RequestPushed = 1010,
    PushedRequestRefused = 1011,
    DeviceCodeIssued = 1020,
    DeviceCodeRefused = 1021,
    TokenIssued = 1100,
    TokenRefused = 1101,
    ClientAuthenticationFailed = 1102,
    CodeReuseDetected = 1103,
    RefreshTokenReuseDetected = 1104,
    DeviceCodeReuseDetected = 1110,
    TokenPending = 1111,
    TokenRevoked = 1200,
    IntrospectionRefused = 1201,
    UserInfoRefused = 1202,
    SessionEnded = 1203,
    EndSessionRefused = 1204,
    RevocationFeedRefused = 1205,
    LogoutDelivered = 1206,
    LogoutPutOff = 1207,
    LogoutGivenUp = 1208,
    ClientDocumentRefused = 1209,
    RevocationRefused = 1210,
    SignedIn = 1300,
    SignInFailed = 1301,
    UserRegistered = 1302,
    PasswordChanged = 1303,
    UserDisabled = 1304,
    UserEnabled = 1305,
    LoginLinked = 1306,
    UserCodeWrong = 1310,
    AddressVerified = 1320,
    AddressReleased = 1321,
    PasskeyAdded = 1330,
    PasskeyRemoved = 1331,
    SecondFactorChanged = 1335,
    ProfileChanged = 1340,
    AddressChanged = 1341,
    LoginUnlinked = 1342,
    AccessWithdrawn = 1343,
    DataDownloaded = 1344,
    DeletionScheduled = 1345,
    UserDeleted = 1346,
    RecoveryAsked = 1350,
    SigningKeyAdded = 1400,
    SigningKeyRemoved = 1401,
    ClientAdded = 1600,
    ClientChanged = 1601,
    ClientRemoved = 1602,
    RegistrationRefused = 1603,
}

/// <summary>The one listener of outcomes: writes the log message, counts, and keeps what belongs to the audit trail.</summary>
public interface IProtocolEvents
{
    void Raise(in ProtocolEvent outcome);
}
