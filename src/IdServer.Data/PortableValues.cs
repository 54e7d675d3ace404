using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace IdServer.Data;

/// <summary>A UUID as its 16 bytes in network order, the same in every database: time-ordered ids then sort by time.</summary>
internal sealed class GuidBytes() : ValueConverter<Guid, byte[]>(id => id.ToByteArray(true), bytes => new Guid(bytes, true));

/// <summary>A time as Unix milliseconds: sortable and comparable in every database, which EF's text for SQLite is not.</summary>
internal sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(time => time.ToUnixTimeMilliseconds(), number => DateTimeOffset.FromUnixTimeMilliseconds(number));
