namespace Millrace.Tests.Materializing;

/// <summary>
/// Compares immediate views with a computation from the read model after each part of random histories, which contain
/// failures, restarts, programs without the views, and read models that start again.
/// </summary>
public sealed class ImmediateHistoryTests
{
    private const int Parts = 12;

    private static readonly string[] ShipNames = ["ada", "anna", "bob", "bob*", "ben", "cyd", "\U0001F6A2", "\uFF21"];

    public static TheoryData<StoreKind, int> Seeds
    {
        get
        {
            var seeds = new TheoryData<StoreKind, int>();
            foreach (var kind in SharedStore.All)
            {
                for (var seed = 1; seed <= (kind == StoreKind.Memory ? 6 : 2); seed++)
                    seeds.Add(kind, seed);
            }
            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Rows_equal_a_computation_from_the_read_model(StoreKind kind, int seed)
    {
        var random = new Random(seed);
        using var shared = await SharedStore.Create(kind);
        var node = await ImmediateNode.Start(shared);
        try
        {
            for (var part = 0; part < Parts; part++)
            {
                node = await Disturb(random.Next(9), node, shared, random);
                await node.RequireRightRows(await AppendSome(node, random));
            }
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>Changes the conditions of the views. Returns the node that runs afterwards.</summary>
    private static async Task<ImmediateNode> Disturb(
        int step, ImmediateNode node, SharedStore shared, Random random)
    {
        switch (step)
        {
            case 0:
                await node.DisposeAsync();
                return await ImmediateNode.Start(shared);
            case 1 or 2:
                await node.DisposeAsync();
                await using (var other = await ImmediateNode.Start(shared, hasViews: false))
                {
                    if (step == 2)
                        await StartAgain(other, random);
                    await other.Cargo.Get("ada", await AppendSome(other, random));
                }
                return await ImmediateNode.Start(shared);
            case 3:
                await FailOnce(node, random);
                break;
            case 4:
                await node.Ships.Refresh();
                break;
            case 5:
                await StartAgain(node, random);
                break;
            case 6:
                // The documents are removed and the checkpoint is reset while the node runs.
                var source = await LiveOf(node);
                await node.Store.Storage.Documents.Clear(source, source, CancellationToken.None);
                break;
            case 7:
                await node.Projections.RebuildBeside("cargo");
                break;
        }
        return node;
    }

    /// <summary>Rebuilds the documents while events are appended.</summary>
    private static async Task StartAgain(ImmediateNode node, Random random)
    {
        var rebuild = node.Projections.Rebuild(await LiveOf(node));
        await AppendSome(node, random);
        await rebuild.WaitAsync(TestNode.WaitTimeout);
    }

    private static async Task<string> LiveOf(ImmediateNode node) =>
        (await node.Projections.Catalog()).SingleOrDefault(static record => record.Name == "cargo")?.Live ?? "cargo@1";

    /// <summary>Makes the code of the views fail for some documents, and then has the rows built again.</summary>
    private static async Task FailOnce(ImmediateNode node, Random random)
    {
        var failing = ShipNames[random.Next(ShipNames.Length)];
        node.Failure = cargo => cargo.Ship == failing ? new InvalidOperationException("Random failure.") : null;
        await node.Cargo.Get("ada", await AppendSome(node, random));
        node.Failure = static _ => null;
        await node.Views.Refresh("loaded-ships", TestNode.WaitTimeout);
        await node.Views.Refresh("fleet-totals", TestNode.WaitTimeout);
    }

    private static async Task<ConsistencyToken> AppendSome(ImmediateNode node, Random random)
    {
        var token = default(ConsistencyToken);
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            var ship = ShipNames[random.Next(ShipNames.Length)];
            var crates = random.Next(1, 9);
            object recorded = random.Next(5) switch
            {
                0 => new Scrapped(ship),
                1 or 2 => new Unloaded(ship, crates),
                _ => new Loaded(ship, crates),
            };
            token = await node.Append("s" + random.Next(3), recorded);
        }
        return token;
    }
}
