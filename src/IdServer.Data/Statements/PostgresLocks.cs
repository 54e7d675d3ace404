namespace IdServer.Data.Statements;

/// <summary>PostgreSQL's advisory locks of this program: the first key is <see cref="Class"/>, the second one of the others. A lock of a session dies with its connection.</summary>
internal static class PostgresLocks
{
    public const int Class = 1_229_214_309; // "IDSe"

    public const int Sequences = 1;

    public const int Migration = 2;
}
