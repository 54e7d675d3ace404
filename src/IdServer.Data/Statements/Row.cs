using System.Data.Common;

namespace IdServer.Data.Statements;

/// <summary>The current row of a result, by column number. Valid only while it is being read.</summary>
public readonly struct Row
{
    private readonly DbDataReader? reader;
    private readonly SqliteStatement? statement;

    internal Row(DbDataReader reader) => this.reader = reader;

    internal Row(SqliteStatement statement) => this.statement = statement;

    public bool IsNull(int column) => statement?.IsNull(column) ?? reader!.IsDBNull(column);

    public Guid Id(int column) => new(statement is null ? Bytes(column) : statement.Bytes(column), bigEndian: true);

    public Guid? IdOrNull(int column) => IsNull(column) ? null : Id(column);

    public byte[] Bytes(int column) => statement is null ? reader!.GetFieldValue<byte[]>(column) : statement.Bytes(column).ToArray();

    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    public string Text(int column) => statement is null ? reader!.GetString(column) : statement.Text(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Words stored with spaces between them.</summary>
    public IReadOnlyList<string> Words(int column) => Text(column).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public long Number(int column) => statement?.Number(column) ?? reader!.GetInt64(column);

    public bool Flag(int column) => statement is null ? reader!.GetBoolean(column) : statement.Number(column) != 0;

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Number(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);
}
