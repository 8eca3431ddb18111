using System.Text;
using Millrace.Sqlite;

namespace Millrace.Cli.Tests;

/// <summary>Opens a store as an application does, beside the tool.</summary>
internal static class StoreFile
{
    public static Task<EventStore> Open(string file) => EventStore.Open(new SqliteStorage(file), EventTypeMap.Empty);

    public static NewEvent Event(string type, string json, params string[] tags) =>
        NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json)) with { Tags = [.. tags.Select(Tag.Parse)] };
}
