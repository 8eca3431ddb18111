namespace Millrace.Cli.Tests;

/// <summary>Lists the examples of commands for shards.</summary>
internal static class ShardExampleRuns
{
    private static readonly string[] Home = ["shards create eu-1"];
    private static readonly string[] TwoShards = ["shards create eu-1", "shards add eu-2 --address eu-2.db"];

    public static ExampleRun[] All =>
    [
        new("shards", 0, "eu-1 (home)") { Before = Home },
        new("shards list", 0, "eu-1 (home)") { Before = Home },
        new("shards list --json", 0, "\"shard\":\"eu-1\"") { Before = Home },
        new("shards create eu-1", 0, "eu-1 (home)"),
        new("shards add eu-2 --address eu-2.db", 0, "eu-2") { Before = Home, Creates = "eu-2.db" },
        new("shards add eu-2 --address eu-2.db --weight 3", 0, "eu-2") { Before = Home, Creates = "eu-2.db" },
        new("shards drain eu-2 --store shop.db", 0, "eu-2") { Before = TwoShards },
        new("shards weight eu-2 3 --store shop.db", 0, "eu-2") { Before = TwoShards },
        new("shards find acme", 3, "acme") { Before = Home },
        new("shards move-tenant acme --to eu-2 --store shards.json", 5, "shards.json"),
        new("shards move-tenant acme --cancel --store shards.json", 5, "shards.json"),
    ];
}
