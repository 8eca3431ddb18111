using System.ComponentModel;

namespace Millrace.AspNetCore.Projecting;

/// <summary>How a rebuild takes over.</summary>
internal sealed record BuildRequest(
    [property: Description("automatic (the default): it takes over as soon as it has caught up; manual: when an "
        + "operator requests it.")]
    string Switch = BuildRequest.Automatic)
{
    public const string Automatic = "automatic";
    public const string Manual = "manual";
}

/// <summary>How long to wait for the collection that takes over.</summary>
internal sealed record SwitchRequest(
    [property: Description("The maximum time in seconds to wait until it has caught up; from 0 to 60, 10 when absent.")]
        int WaitSeconds = 10,
    [property: Description(
        "True to take over even if it has dead letters that the collection in use does not have.")]
        bool EvenWithDeadLetters = false);
