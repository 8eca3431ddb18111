using System.Text;
using Millrace.Sqlite;

namespace Millrace.Cli.Tests;

/// <summary>Opens the store of the tool like an application does.</summary>
internal static class StoreFile
{
    public static Task<EventStore> Open(string file) => EventStore.Open(new SqliteStorage(file), EventTypeMap.Empty);

    public static NewEvent Event(string type, string json, params string[] tags) =>
        NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json)) with { Tags = [.. tags.Select(Tag.Parse)] };
}
