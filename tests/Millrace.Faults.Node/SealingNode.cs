namespace Millrace.Faults;

/// <summary>Seals the log of a node if the folder of its store contains a key.</summary>
public static class SealingNode
{
    /// <summary>The name of the file with the key.</summary>
    public const string KeyFile = "seal-key.pem";

    /// <summary>The name of the file with the anchors.</summary>
    public const string AnchorFile = "anchors.jsonl";

    /// <summary>Adds seals and anchors.</summary>
    public static void Configure(MillraceBuilder millrace, string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!; // The path of a file has a folder.
        if (!File.Exists(Path.Combine(folder, KeyFile)))
            return;
        millrace
            .ConfigureConsumers(consumers =>
            {
                consumers.LeaseDuration = TimeSpan.FromSeconds(1);
                consumers.LookEvery = TimeSpan.FromMilliseconds(100);
            })
            .AddSeals(seals =>
            {
                seals.KeyFile = Path.Combine(folder, KeyFile);
                seals.AnchorFile = Path.Combine(folder, AnchorFile);
                seals.Interval = TimeSpan.FromMilliseconds(100);
            });
    }
}
