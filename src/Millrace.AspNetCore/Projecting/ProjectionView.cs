using System.ComponentModel;
using Millrace.AspNetCore.Consuming;

namespace Millrace.AspNetCore.Projecting;

/// <summary>The status of a read model for operators, with the collection in use and all other collections.</summary>
[Description("A read model: the collection in use, and those beside it.")]
internal sealed record ProjectionView(
    [property: Description("The name, without a version.")] string Name,
    [property: Description("The shard that contains the documents; absent without shards.")] string? Shard,
    [property: Description("The collection in use; absent before the first run of its consumer.")] CollectionView? Live,
    [property: Description("The collection that is being rebuilt.")] CollectionView? Building,
    [property: Description("The previous collection, which is kept up to date for switching back.")]
        CollectionView? Kept,
    [property: Description("True if the rebuild takes over automatically when it has caught up.")] bool SwitchesItself,
    [property: Description("True if it can be rebuilt beside the one in use; inline documents and SQL tables are "
        + "rebuilt in place.")]
        bool CanBuild);

/// <summary>A collection of documents with its consumer.</summary>
[Description("A collection of documents, with its consumer.")]
internal sealed record CollectionView(
    [property: Description("The name, version and build: orders@1, orders@1.2.")] string Name,
    [property: Description("The number of documents.")] long Documents,
    [property: Description("The status of its consumer.")] ConsumerView Consumer,
    [property: Description("The progress of a rebuild; absent for other collections.")] ProgressView? Progress);

/// <summary>The progress of a rebuild.</summary>
[Description("The progress of a rebuild.")]
internal sealed record ProgressView(
    [property: Description("The position that it has reached.")] long Done,
    [property: Description("The end of the log.")] long Total,
    [property: Description("The events per second since the first status request; absent before the second request.")]
    double? EventsPerSecond,
    [property: Description("The estimated remaining time in seconds; absent if it is unknown.")] double? SecondsLeft,
    [property: Description("True if it has caught up, so that it can take over.")] bool IsReady);
