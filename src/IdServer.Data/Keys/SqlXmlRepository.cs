using System.Xml.Linq;
using IdServer.Data.Statements;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace IdServer.Data.Keys;

/// <summary>Data Protection's keys as rows, for all nodes. The framework asks when it starts and once a day, and only without await.</summary>
internal sealed class SqlXmlRepository(IDatabase database, TimeProvider time) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => database.ReadAsync(
        statements => statements.ListAsync("SELECT xml FROM data_protection_keys ORDER BY id", row => XElement.Parse(row.Text(0))), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName)
    {
        var now = time.GetUtcNow();
        database.WriteAsync(
            statements => statements.ExecuteAsync(
                "INSERT INTO data_protection_keys (id, name, xml, created_at) VALUES ($1, $2, $3, $4)",
                Guid.CreateVersion7(now),
                friendlyName,
                element.ToString(SaveOptions.DisableFormatting),
                now),
            CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }
}
