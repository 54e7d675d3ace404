namespace IdServer.Data.Statements;

/// <summary>PostgreSQL's advisory locks of this program: the first key is <see cref="Class"/>, the second one what it is for. A lock of a session dies with its connection.</summary>
internal static class PostgresLocks
{
    public const int Class = 1_229_214_309; // "IDSe"

    /// <summary>The others are <see cref="Cluster.Turn"/> and <see cref="Cluster.Duty"/>.</summary>
    public const int Sequences = 1;
}
