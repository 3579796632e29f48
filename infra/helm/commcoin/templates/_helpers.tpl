{{- define "commcoin.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels by which pods of one service are found. Takes (dict "root" $ "component" "gateway"). */}}
{{- define "commcoin.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "commcoin.labels" -}}
{{ include "commcoin.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "commcoin.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ include "commcoin.name" . }}
{{- else -}}
{{ required "serviceAccount.name names the account to use where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{- define "commcoin.image" -}}
{{- $image := .root.Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{ $image.prefix }}-{{ .component }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* What stands in the ConfigMap of one service, as a map. Refuses secrets. */}}
{{- define "commcoin.variables" -}}
{{- $values := index .root.Values .component -}}
{{- $env := merge (dict) $values.env .root.Values.env -}}
{{- range $name, $value := $env -}}
{{- if regexMatch "(TOKEN|SECRET|PASSWORD)$" $name -}}
{{- fail (printf "%s is a secret: name it in secretEnv, with the Secret that holds it" $name) -}}
{{- end -}}
{{- if regexMatch "//[^/ ]*@" (toString $value) -}}
{{- fail (printf "%s holds credentials: name it in secretEnv, with the Secret that holds it" $name) -}}
{{- end -}}
{{- end -}}
{{- if regexMatch "//[^/ ]*@" .root.Values.redis.url -}}
{{- fail "redis.url holds credentials: put it into a Secret and name that in redis.existingSecret" -}}
{{- end -}}
{{- range $name, $value := $env -}}
{{- if and (ne (toString $value) "") (not (hasKey (merge (dict) $values.secretEnv $.root.Values.secretEnv) $name)) }}
{{ $name }}: {{ $value | toString | quote }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The pod of one service. Takes root, component, port, portVariable, and extra variables as a map. */}}
{{- define "commcoin.pod" -}}
{{- $root := .root -}}
{{- $values := index $root.Values .component -}}
{{- $selector := include "commcoin.selector" (dict "root" $root "component" .component) -}}
metadata:
  labels: {{- include "commcoin.labels" (dict "root" $root "component" .component) | nindent 4 }}
  annotations:
    # A changed configuration is a new pod.
    checksum/config: {{ include "commcoin.variables" (dict "root" $root "component" .component) | sha256sum }}
    {{- with $values.podAnnotations }}{{ toYaml . | nindent 4 }}{{- end }}
spec:
  serviceAccountName: {{ include "commcoin.serviceAccount" $root }}
  automountServiceAccountToken: false
  # Else a Service named `admin` in the namespace would set ADMIN_PORT to its address.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .graceSeconds }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: {{ .component }}
      image: {{ include "commcoin.image" (dict "root" $root "component" .component) }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      ports:
        - { name: http, containerPort: {{ .port }}, protocol: TCP }
      envFrom:
        - configMapRef: { name: {{ include "commcoin.name" $root }}-{{ .component }} }
      env:
        - name: SERVER_ID
          valueFrom: { fieldRef: { fieldPath: metadata.name } }
        - { name: NODE_ENV, value: production }
        - { name: {{ .portVariable }}, value: {{ .port | quote }} }
        {{- range $name, $value := .variables }}
        - { name: {{ $name }}, value: {{ $value | toString | quote }} }
        {{- end }}
        - name: REDIS_URL
          {{- if $root.Values.redis.existingSecret.name }}
          valueFrom:
            secretKeyRef:
              name: {{ $root.Values.redis.existingSecret.name }}
              key: {{ $root.Values.redis.existingSecret.key }}
          {{- else }}
          value: {{ required "redis.url says where Redis is; with a password, name a Secret in redis.existingSecret" $root.Values.redis.url | quote }}
          {{- end }}
        {{- range $name, $from := merge (dict) $values.secretEnv $root.Values.secretEnv }}
        - name: {{ $name }}
          valueFrom: { secretKeyRef: { name: {{ $from.name }}, key: {{ $from.key }} } }
        {{- end }}
      # Until it answers for the first time; after that, liveness judges.
      startupProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 3
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 3
        timeoutSeconds: 2
        failureThreshold: 2
      {{- with .preStopSeconds }}
      lifecycle:
        preStop: { exec: { command: [sleep, {{ . | quote }}] } }
      {{- end }}
      resources: {{- toYaml $values.resources | nindent 8 }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- $selector | nindent 10 }}
    {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
