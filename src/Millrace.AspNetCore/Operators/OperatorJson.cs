using System.Text.Json.Serialization;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Alerting;
using Millrace.AspNetCore.Auditing;
using Millrace.AspNetCore.Business;
using Millrace.AspNetCore.Checking;
using Millrace.AspNetCore.Configuration;
using Millrace.AspNetCore.Consuming;
using Millrace.AspNetCore.Erasing;
using Millrace.AspNetCore.Events;
using Millrace.AspNetCore.Live;
using Millrace.AspNetCore.Logging;
using Millrace.AspNetCore.Messaging;
using Millrace.AspNetCore.Metrics;
using Millrace.AspNetCore.ProcessManagers;
using Millrace.AspNetCore.Projecting;
using Millrace.AspNetCore.Recovering;
using Millrace.AspNetCore.Retention;
using Millrace.AspNetCore.Scaling;
using Millrace.AspNetCore.Scheduling;
using Millrace.AspNetCore.Streams;
using Millrace.AspNetCore.Tuning;

namespace Millrace.AspNetCore.Operators;

/// <summary>The JSON metadata of responses to operators: in camel case, without null values.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<ConsumerView>))]
[JsonSerializable(typeof(IReadOnlyList<TransportView>))]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(IReadOnlyList<LogLevelView>))]
[JsonSerializable(typeof(LogLevelRequest))]
[JsonSerializable(typeof(IReadOnlyList<MetricView>))]
[JsonSerializable(typeof(IReadOnlyList<KpiInfo>))]
[JsonSerializable(typeof(IReadOnlyList<KpiSeries>))]
[JsonSerializable(typeof(IReadOnlyList<KpiAnomaly>))]
[JsonSerializable(typeof(KpiReport))]
[JsonSerializable(typeof(SendReportRequest))]
[JsonSerializable(typeof(SentReportView))]
[JsonSerializable(typeof(ReadinessView))]
[JsonSerializable(typeof(CapacityStatus))]
[JsonSerializable(typeof(CapacityChange))]
[JsonSerializable(typeof(CapacityRequest))]
[JsonSerializable(typeof(TuningReport))]
[JsonSerializable(typeof(TuneRequest))]
[JsonSerializable(typeof(IReadOnlyList<MetricSeriesView>))]
[JsonSerializable(typeof(IReadOnlyList<UnmarkedMemberView>))]
[JsonSerializable(typeof(IReadOnlyList<ProjectionView>))]
[JsonSerializable(typeof(ComparisonView))]
[JsonSerializable(typeof(OperatorView))]
[JsonSerializable(typeof(AuditView))]
[JsonSerializable(typeof(StreamView))]
[JsonSerializable(typeof(EventsView))]
[JsonSerializable(typeof(StreamNamesView))]
[JsonSerializable(typeof(LiveView))]
[JsonSerializable(typeof(TimersView))]
[JsonSerializable(typeof(TimerView))]
[JsonSerializable(typeof(IReadOnlyList<ScheduleView>))]
[JsonSerializable(typeof(ScheduleView))]
[JsonSerializable(typeof(IReadOnlyList<ProcessCountView>))]
[JsonSerializable(typeof(InstancesView))]
[JsonSerializable(typeof(InstanceView))]
[JsonSerializable(typeof(AccessView))]
[JsonSerializable(typeof(AccessGrantView))]
[JsonSerializable(typeof(AccessExplanationView))]
[JsonSerializable(typeof(AccessGrantRequest))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(MoveTimerRequest))]
[JsonSerializable(typeof(EditTimerRequest))]
[JsonSerializable(typeof(EditScheduleRequest))]
[JsonSerializable(typeof(ResumeRequest))]
[JsonSerializable(typeof(MoveRequest))]
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(SwitchRequest))]
[JsonSerializable(typeof(ResetRequest))]
[JsonSerializable(typeof(IReadOnlyList<ErasureView>))]
[JsonSerializable(typeof(IReadOnlyList<LegalHold>))]
[JsonSerializable(typeof(RequestErasureRequest))]
[JsonSerializable(typeof(LegalHoldRequest))]
[JsonSerializable(typeof(IReadOnlyList<RetentionRun>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(RunRetentionRequest))]
[JsonSerializable(typeof(StopRequest))]
[JsonSerializable(typeof(DeleteBeforeRequest))]
[JsonSerializable(typeof(DeletedEventsView))]
[JsonSerializable(typeof(IReadOnlyList<AlertRuleInfo>))]
[JsonSerializable(typeof(IReadOnlyList<AlertEntry>))]
[JsonSerializable(typeof(IReadOnlyList<AlertSilence>))]
[JsonSerializable(typeof(Alert))]
[JsonSerializable(typeof(AlertTrial))]
[JsonSerializable(typeof(AlertRuleRequest))]
[JsonSerializable(typeof(AlertTrialRequest))]
[JsonSerializable(typeof(SilenceRequest))]
[JsonSerializable(typeof(IReadOnlyList<RecoveryCase>))]
[JsonSerializable(typeof(IReadOnlyList<RecoveryEntry>))]
[JsonSerializable(typeof(RecoveryInfo))]
[JsonSerializable(typeof(RecoveryPlan))]
[JsonSerializable(typeof(RecoveryCase))]
[JsonSerializable(typeof(PlanActionRequest))]
internal sealed partial class OperatorJson : JsonSerializerContext;
