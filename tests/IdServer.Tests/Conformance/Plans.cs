using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Names of the certification plans.</summary>
internal static class Plans
{
    public const string Basic = "oidcc-basic-certification-test-plan";
    public const string FormPost = "oidcc-formpost-basic-certification-test-plan";
    public const string Config = "oidcc-config-certification-test-plan";
    public const string Dynamic = "oidcc-dynamic-certification-test-plan";
    public const string RpInitiatedLogout = "oidcc-rp-initiated-logout-certification-test-plan";
    public const string BackChannelLogout = "oidcc-backchannel-rp-initiated-logout-certification-test-plan";
    public const string FrontChannelLogout = "oidcc-frontchannel-rp-initiated-logout-certification-test-plan";
    public const string ThirdPartyInitiatedLogin = "oidcc-3rdparty-init-login-certification-test-plan";
}

[CollectionDefinition(Plans.Basic)]
public sealed class BasicPlan : ICollectionFixture<ConformanceServer>;

[CollectionDefinition(Plans.FormPost)]
public sealed class FormPostPlan : ICollectionFixture<ConformanceServer>;

[CollectionDefinition(Plans.Config)]
public sealed class ConfigPlan : ICollectionFixture<ConformanceServer>;

[CollectionDefinition(Plans.RpInitiatedLogout)]
public sealed class RpInitiatedLogoutPlan : ICollectionFixture<ConformanceServer>;

[CollectionDefinition(Plans.Dynamic)]
public sealed class DynamicPlan : ICollectionFixture<ConformanceServer>;

[CollectionDefinition(Plans.ThirdPartyInitiatedLogin)]
public sealed class ThirdPartyInitiatedLoginPlan : ICollectionFixture<ConformanceServer>;
