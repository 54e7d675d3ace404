using System.Diagnostics;
using System.Xml.Linq;
using Xunit;

namespace IdServer.Tests.Deploy;

public sealed class DeployTests
{
    private const string Publish = "dotnet publish src/IdServer -p:PublishProfile=linux";
    private const string HaProxy = "/usr/sbin/haproxy";

    [Theory]
    [InlineData("docs/operate.md")]
    [InlineData("deploy/publish.sh")]
    [InlineData("deploy/Containerfile")]
    public void One_command_publishes_wherever_it_is_written(string file)
    {
        var commands = File.ReadLines(Path.Combine(Clone.Root, file)).Select(line => line.Replace("RUN ", "", StringComparison.Ordinal)).Where(line => line.StartsWith("dotnet publish", StringComparison.Ordinal));

        Assert.Equal([Publish], commands);
    }

    [Theory]
    [InlineData("PublishSingleFile")]
    [InlineData("PublishReadyToRun")]
    [InlineData("SelfContained")]
    [InlineData("RestoreLockedMode")]
    [InlineData("IncludeNativeLibrariesForSelfExtract")]
    public void The_published_build_is_one_file_compiled_ahead_of_time_from_locked_packages(string property)
    {
        var profile = XDocument.Load(Path.Combine(Clone.Root, "src/IdServer/Properties/PublishProfiles/linux.pubxml"));

        Assert.Equal("true", Assert.Single(profile.Descendants(property)).Value);
    }

    [Theory]
    [InlineData("System.Runtime.TieredCompilation.CallCountThreshold", "1000")]
    [InlineData("System.GC.DGen0GrowthPercent", "33")]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", "10")]
    public void The_published_build_is_told_to_spare_memory_and_processor(string option, string value)
    {
        var profile = XDocument.Load(Path.Combine(Clone.Root, "src/IdServer/Properties/PublishProfiles/linux.pubxml"));

        var told = Assert.Single(profile.Descendants("RuntimeHostConfigurationOption"), o => o.Attribute("Include")?.Value == option);
        Assert.Equal(value, told.Attribute("Value")?.Value);
    }

    [Fact]
    public async Task HAProxy_accepts_its_configuration()
    {
        Assert.SkipUnless(File.Exists(HaProxy), "HAProxy is not installed.");
        using var check = Process.Start(new ProcessStartInfo(HaProxy) { ArgumentList = { "-c", "-f", Path.Combine(Clone.Root, "deploy/haproxy.cfg") }, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = check.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await check.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await check.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(check.ExitCode == 0, await errors);
    }
}
