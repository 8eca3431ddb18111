namespace Millrace.Cli;

/// <summary>Opens the stores of all shards of an application as one.</summary>
internal static class ShardStores
{
    /// <summary>Opens the store of a call, or the stores that its file with shards names.</summary>
    public static Task<OpenStore> Existing(
        ToolInvocation call, EventTypeMap types, CancellationToken cancellationToken) =>
        StoreLocator.FindShards(call) is { } list
            ? Open(call, list, types, cancellationToken)
            : OpenStore.Existing(call, types, cancellationToken);

    private static async Task<OpenStore> Open(
        ToolInvocation call, ShardListFile list, EventTypeMap types, CancellationToken cancellationToken)
    {
        if (TenantTemplate.SpecifiedTenant(call) is not null)
        {
            throw new CliException(
                ExitCode.Usage,
                $"The shards of '{list.Path}' contain streams of all users, and no tenants.",
                "Repeat the command without --tenant.");
        }
        var parts = await OpenAll(call, list, types, cancellationToken);
        try
        {
            return await Combine(call, list, parts, types, cancellationToken);
        }
        catch
        {
            await Close(parts);
            throw;
        }
    }

    /// <summary>Opens the stores that a file with shards names.</summary>
    /// <exception cref="CliException">A store does not exist.</exception>
    public static async Task<List<(ShardId Shard, OpenStore Store)>> OpenAll(
        ToolInvocation call, ShardListFile list, EventTypeMap types, CancellationToken cancellationToken)
    {
        var parts = new List<(ShardId Shard, OpenStore Store)>();
        try
        {
            for (var i = 0; i < list.Shards.Count; i++)
                parts.Add((list.Shards[i].Shard, await OpenOne(call, list, i, types, cancellationToken)));
            return parts;
        }
        catch
        {
            await Close(parts);
            throw;
        }
    }

    /// <summary>Opens the home shard, whose store a file with shards names first.</summary>
    /// <exception cref="CliException">The store does not exist.</exception>
    public static Task<OpenStore> OpenHome(
        ToolInvocation call, ShardListFile list, CancellationToken cancellationToken) =>
        OpenOne(call, list, index: 0, EventTypeMap.Empty, cancellationToken);

    /// <summary>Closes stores, the home shard last.</summary>
    public static async Task Close(List<(ShardId Shard, OpenStore Store)> parts)
    {
        for (var i = parts.Count - 1; i >= 0; i--)
            await parts[i].Store.DisposeAsync();
    }

    private static Task<OpenStore> OpenOne(
        ToolInvocation call, ShardListFile list, int index, EventTypeMap types, CancellationToken cancellationToken)
    {
        var (shard, location) = list.Shards[index];
        return location.Exists
            ? OpenStore.ExistingAt(location, types, call.Time, cancellationToken)
            : throw new CliException(
                ExitCode.Store,
                $"The store of the shard '{shard}' was not found at '{location.Store}'.",
                $"Correct its path in '{list.Path}'. Paths are relative to this file.");
    }

    private static async Task<OpenStore> Combine(
        ToolInvocation call,
        ShardListFile list,
        List<(ShardId Shard, OpenStore Store)> parts,
        EventTypeMap types,
        CancellationToken cancellationToken)
    {
        ShardTool shards;
        try
        {
            shards = await ShardTool.Open(
                [.. parts.Select(static one => (one.Shard, one.Store.Store))], cancellationToken);
        }
        catch (ShardUnavailableException exception)
        {
            throw new CliException(
                ExitCode.Store,
                $"The shard '{exception.Shard}' of the map cannot be used: {exception.Reason}",
                $"Name the stores of all shards in '{list.Path}'.");
        }
        try
        {
            var options = new StoreOptions { ReadsWithoutKeys = true };
            var store = await EventStore.Open(
                shards.Storage, types, options, call.Time, cancellationToken: cancellationToken);
            return OpenStore.OfShards(list.Path, shards, store, parts);
        }
        catch
        {
            await shards.DisposeAsync();
            throw;
        }
    }
}
