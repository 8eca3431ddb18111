namespace Millrace.Tests.Anomalies;

/// <summary>A test with the files of the Numenta Anomaly Benchmark. Without them, the test is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NabFactAttribute : FactAttribute
{
    public NabFactAttribute()
    {
        if (!Directory.Exists(NabData.Directory))
            Skip = $"The benchmark is missing. Copy it to {NabData.Directory}, or set MILLRACE_NAB to its directory.";
    }
}
