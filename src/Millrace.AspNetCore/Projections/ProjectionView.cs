using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>A read model as operators see it: what is read, and what stands beside it.</summary>
[Description("A read model: the collection that is read, and those beside it.")]
internal sealed record ProjectionView(
    [property: Description("Its name, without a version.")] string Name,
    [property: Description("The collection that is read; absent before its consumer first ran.")] CollectionView? Live,
    [property: Description("The collection that is being built beside it.")] CollectionView? Building,
    [property: Description("The collection that was read before, kept up to date for going back.")]
        CollectionView? Kept,
    [property: Description("Whether the build takes over by itself, once it has caught up.")] bool SwitchesItself,
    [property: Description("Whether it can be built beside; inline documents and SQL tables are mended in place.")]
        bool CanBuild);

/// <summary>A collection of documents with the consumer that keeps it.</summary>
[Description("A collection of documents, with the consumer that keeps it.")]
internal sealed record CollectionView(
    [property: Description("Name, version and build: orders@1, orders@1.2.")] string Name,
    [property: Description("How many documents there are.")] long Documents,
    [property: Description("How its consumer stands.")] ConsumerView Consumer,
    [property: Description("How far the build is; only of one that is being built.")] ProgressView? Progress);

/// <summary>How far a build is.</summary>
[Description("How far a build is.")]
internal sealed record ProgressView(
    [property: Description("The position it has reached.")] long Done,
    [property: Description("The end of the log.")] long Total,
    [property: Description("How fast it has been since it was first looked at; absent until it was looked at twice.")]
    double? EventsPerSecond,
    [property: Description("How long it will take at that pace; absent when that cannot be said.")] double? SecondsLeft,
    [property: Description("Whether it has caught up, so that it can take over.")] bool IsReady);
