using System.Text.Json;

namespace Millrace.Cli;

/// <summary>
/// A file that names the stores of all shards of an application: <c>{"shards": {"one": "one.db", "two":
/// "postgres://…"}}</c>. The first one is the home shard. Paths are relative to the directory of the file.
/// </summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Shards">The shards with their stores.</param>
internal sealed record ShardListFile(string Path, IReadOnlyList<(ShardId Shard, StoreLocation Location)> Shards)
{
    private const string Extension = ".json";
    private const string Member = "shards";
    private const int MaxBytes = 1024 * 1024;
    private const string Example = """For example: {"shards": {"one": "one.db", "two": "postgres://db2/shop"}}""";

    /// <summary>Returns whether the name of a store is that of a file with shards.</summary>
    public static bool IsNamed(string store) =>
        !StoreLocator.IsDatabase(store) && store.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a file.</summary>
    /// <exception cref="CliException">The file does not exist, or is not such a file.</exception>
    public static ShardListFile Read(string path)
    {
        if (new FileInfo(path) is not { Exists: true } file)
            throw new CliException(ExitCode.Store, $"No file with shards was found at '{path}'.", Example);
        if (file.Length > MaxBytes)
            throw Invalid(path, $"it has {file.Length:N0} bytes, and at most {MaxBytes:N0} are read");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new ShardListFile(path, Parse(path, document.RootElement));
        }
        catch (JsonException exception)
        {
            throw Invalid(path, $"it is not JSON: {exception.Message}");
        }
    }

    /// <summary>Returns the error of a command that works on one store.</summary>
    public CliException NotSupported() => new(
        ExitCode.Usage,
        $"This command works on one store, and '{Path}' names the stores of several shards.",
        "Run it for each of them: " + string.Join(", ", Shards.Select(static one =>
            $"--store {one.Location.DisplayName} ({one.Shard})")));

    private static List<(ShardId Shard, StoreLocation Location)> Parse(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || root.EnumerateObject().ToList() is not [var only]
            || only.Name != Member || only.Value.ValueKind != JsonValueKind.Object)
            throw Invalid(path, $"it must be an object whose only member '{Member}' is an object");
        var shards = new List<(ShardId Shard, StoreLocation Location)>();
        foreach (var member in only.Value.EnumerateObject())
        {
            var shard = new ShardId(member.Name);
            if (member.Value.ValueKind != JsonValueKind.String || member.Value.GetString() is not { Length: > 0 } store)
                throw Invalid(path, $"the store of '{shard}' must be a text");
            if (IsNamed(store) || TenantTemplate.IsTemplate(store))
                throw Invalid(path, $"the store of '{shard}' must be one file or one database");
            if (shards.Exists(one => one.Shard == shard))
                throw Invalid(path, $"it names '{shard}' twice");
            shards.Add((shard, new StoreLocation(Resolve(path, store))));
        }
        return shards.Count > 0 ? shards : throw Invalid(path, "it names no shard");
    }

    private static string Resolve(string path, string store) => StoreLocator.IsDatabase(store)
        ? store
        : System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", store);

    private static CliException Invalid(string path, string problem) =>
        new(ExitCode.Usage, $"The file with shards '{path}' cannot be used: {problem}.", Example);
}
