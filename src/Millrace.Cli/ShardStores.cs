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
        var parts = new List<(ShardId Shard, OpenStore Store)>();
        try
        {
            foreach (var (shard, location) in list.Shards)
            {
                if (!location.Exists)
                {
                    throw new CliException(
                        ExitCode.Store,
                        $"The store of the shard '{shard}' was not found at '{location.Store}'.",
                        $"Correct its path in '{list.Path}'. Paths are relative to this file.");
                }
                var part = await OpenStore.ExistingAt(location, types, call.Time, cancellationToken);
                parts.Add((shard, part));
            }
            return await Combine(call, list, parts, types, cancellationToken);
        }
        catch
        {
            foreach (var (_, part) in parts)
                await part.DisposeAsync();
            throw;
        }
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
