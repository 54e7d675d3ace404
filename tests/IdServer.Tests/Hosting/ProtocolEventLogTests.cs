using System.Diagnostics.Metrics;
using System.Net;
using IdServer.Data.Admin;
using IdServer.Data.Audit;
using IdServer.Hosting;
using IdServer.Protocol.Events;
using IdServer.Tests.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Hosting;

public sealed class ProtocolEventLogTests
{
    [Fact]
    public async Task Every_kind_of_outcome_has_a_message_of_its_number_and_is_counted_and_security_events_are_kept()
    {
        await using var users = await UsersOnDisk.StartAsync();
        using var logs = new CapturedLogs();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var counted = new List<string?>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => Listen(instrument, l) };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted.Add(value == 1 ? tags[0].Value as string : null));
        listener.Start();
        var events = new ProtocolEventLog(logs.Of<ProtocolEventLog>(), users.Get<AuditTrail>(), services.GetRequiredService<IMeterFactory>());
        var meters = services.GetRequiredService<IMeterFactory>();

        foreach (var kind in Enum.GetValues<EventKind>())
        {
            events.Raise(new ProtocolEvent(kind, "app", "ana", Guid.Empty, "refresh_token", "invalid_grant", "detail", IPAddress.Loopback));
        }

        Assert.Equal(Enum.GetValues<EventKind>().Select(kind => (int)kind), logs.Entries.Select(entry => entry.Id));
        Assert.Equal(Enum.GetNames<EventKind>(), counted);
        await users.Get<AuditTrail>().DisposeAsync();
        Assert.Single(await users.Get<AuditQueries>().ListAsync(new AuditFilter("ana", "app", EventKind.CodeReuseDetected), 10, TestContext.Current.CancellationToken));

        // Other servers of this process have meters of the same name.
        void Listen(Instrument instrument, MeterListener l)
        {
            if (instrument.Meter.Name == ProtocolEventLog.MeterName && ReferenceEquals(instrument.Meter.Scope, services.GetRequiredService<IMeterFactory>()))
            {
                l.EnableMeasurementEvents(instrument);
            }
        }
    }
}
