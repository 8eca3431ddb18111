using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>How a build is to take over.</summary>
internal sealed record BuildRequest(
    [property: Description("automatic: as soon as it has caught up (so when absent); manual: when somebody says so.")]
    string Switch = BuildRequest.Automatic)
{
    public const string Automatic = "automatic";
    public const string Manual = "manual";
}

/// <summary>How long to wait for what is to take over.</summary>
internal sealed record SwitchRequest(
    [property: Description("How long to wait until it has caught up; from 0 to 60, 10 when absent.")]
        int WaitSeconds = 10,
    [property: Description(
        "Whether it takes over although it holds back events as dead letters that the one in use does not.")]
        bool EvenWithDeadLetters = false);
